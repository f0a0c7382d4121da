/** Builds the edges from the settings and hands them to the bot's and the worker's entries. */
import type { RedisLink } from './redis/link.js';
import type { Logger } from 'pino';
import { sendFor } from '../jobs/deliver.js';
import type { Tools } from '../jobs/tools.js';
import { createLocks } from './approval/locks.js';
import { readManyCertificates } from './run/read-many-certificates.js';
import { createCertificateParser } from './certificates/parser.js';
import { createCalmStore, type CalmStore } from './approval/calm.js';
import { createTimeGate, type TimeGate } from './approval/time-gate.js';
import { createChangeStore } from './approval/store.js';
import { watchedChanges } from './approval/watched-changes.js';
import { createRolloutStore, type RolloutStore } from './approval/rollout-store.js';
import { createStepUp, type StepUp } from './approval/step-up.js';
import { createAudit } from './audit/audit.js';
import { keptStores, openRedis } from './compose-redis.js';
import { auditOrigin, auditTending, watchedAudit, type WriterRole } from './compose-audit.js';
import { unobserved, type Observe } from './core/observe.js';
import type { Sealer } from './core/sealer.js';
import type { Secret } from './core/secret.js';
import { untraced, type Tracing } from './core/tracing.js';
import { newToken, sweepLimitsOf, transportOf, type Settings } from './cli/context.js';
import { createDigestStore, type DigestStore } from './digest/store.js';
import { createFleetStore, type FleetStore } from './fleet/store.js';
import { createSealer } from './sealing/sealer.js';
import { chooseNodes } from './inventory/choose.js';
import { createOutbox, type Outbox } from './outbox/outbox.js';
import { approvalsNeeded } from './policy/authorise.js';
import { approversHint } from './policy/hint.js';
import { createQueues, type Queues } from './queue/queues.js';
import { createBus, type Bus } from './redis/bus.js';
import { keyPrefix } from './redis/connect.js';
import { createHmcGate } from './redis/hmc-gate.js';
import { createUsergroupMembers, type UsergroupMembers } from './redis/usergroup-members.js';
import { createSweeps } from './redis/sweeps.js';
import type { Sharing } from './run/sharing.js';
import { version } from './cli/version.js';
import { createHostKeyStore, type HostKeyStore } from './redis/host-keys.js';
import { createRequestStore, type RequestStore } from './requests/store.js';
import { readStepUpSecrets } from './settings/step-up-secrets.js';
import { filePins, type StoredKeys } from './ssh/pins.js';
import { fetchHostKeys } from './ssh/fetch-host-keys.js';
import type { ChangeStore } from './approval/store.js';
import type { Audit, AuditEvent } from './audit/audit.js';
import { HandOver } from './core/hand-over.js';
import type { KnownSecrets } from './core/known-secrets.js';
import { redactIn } from './core/redact.js';
import type { Locks } from './approval/locks.js';

/** What bot and worker share: state in Redis, and words. */
export interface Shared {
  readonly redis: RedisLink;
  /** What a worker's connections are opened after; it waits for Redis as long as it takes. */
  workerLink(): RedisLink;
  /** Hints from process to process. */
  readonly bus: Bus;
  readonly sharing: Sharing;
  readonly queues: Queues;
  readonly requests: RequestStore;
  readonly fleet: FleetStore;
  readonly changes: ChangeStore;
  readonly rollouts: RolloutStore;
  readonly locks: Locks;
  readonly calm: CalmStore;
  /** Whether a change may begin at this moment. */
  readonly timeGate: TimeGate;
  /** Codes of people's authenticators. */
  readonly stepUp: StepUp;
  readonly digest: DigestStore;
  readonly hostKeys: HostKeyStore;
  readonly usergroups: UsergroupMembers;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly approversHint: string;
  /** Where what is noticed goes. */
  readonly observe: Observe;
  readonly tracing: Tracing;
  readonly clock: () => number;
  /** 20 letters and digits that nobody guesses. */
  readonly newId: () => string;
  close(): Promise<void>;
}

/** Connects to Redis; throws ConnectError when it does not answer within 10 s, UsageError when it would lose state. */
export async function share(
  settings: Settings,
  log: Logger,
  role: WriterRole = 'cli',
  observe: Observe = unobserved,
  tracing: Tracing = untraced,
): Promise<Shared> {
  const clock = Date.now;
  const opened = await openRedis(settings, log);
  const { redis } = opened;
  const queues = createQueues(redis, opened.onError, tracing.queues);
  const bus = busOn(redis, log);
  const wake = (channel: string): Promise<void> => sendFor(channel, { queue: queues, clock });
  const { known, store, keep } = settings.config;
  const sealer = createSealer(known, store);
  const keeping = { sealer, days: keep.outputsDays };
  const calm = createCalmStore(redis, keyPrefix);
  const { inventory, policy } = settings;
  const audit = createAudit(redis, keyPrefix, clock, auditOrigin(role, settings));
  const stores = keptStores(
    {
      calm,
      stepUp: createStepUp({ redis, prefix: keyPrefix, clock, secrets: stepUpSecrets(settings) }),
      queues,
      requests: createRequestStore(redis, keyPrefix, keeping),
      changes: createChangeStore(redis, keyPrefix, sealer),
      rollouts: createRolloutStore(redis, keyPrefix, sealer),
      locks: createLocks(redis, keyPrefix),
      digest: createDigestStore(redis, keyPrefix, sealer),
      hostKeys: createHostKeyStore(redis, keyPrefix),
      outbox: createOutbox(redis, keyPrefix, wake, keeping, tracing.keep),
      audit,
    },
    opened.kept,
  );
  return {
    ...stores,
    changes: watchedChanges(stores.changes, observe),
    audit: watchedAudit(withoutSecrets(stores.audit, known), observe),
    timeGate: createTimeGate({ calm, inventory, policy, clock }),
    redis,
    workerLink: () => opened.workerLink(),
    bus,
    sharing: sharingOf(redis, sealer, bus),
    fleet: createFleetStore(redis, keyPrefix),
    usergroups: createUsergroupMembers(redis, keyPrefix),
    approversHint: approversHint(settings.policy),
    observe,
    tracing,
    clock,
    newId: () => newToken(10),
    close: async () => {
      await queues.close();
      await bus.close();
      opened.close();
    },
  };
}

function busOn(redis: RedisLink, log: Logger): Bus {
  const onError = (err: Error): void => log.warn({ err }, 'a message between processes was lost');
  return createBus({ redis, prefix: keyPrefix, onError });
}

function sharingOf(redis: RedisLink, sealer: Sealer, bus: Bus): Sharing {
  const sweeps = createSweeps(redis, keyPrefix, sealer);
  return { sweeps, bus, self: newToken(10), version, own: new Set() };
}

function stepUpSecrets({ config }: Settings): ReadonlyMap<string, Secret> {
  return readStepUpSecrets(config.stepUpSecrets?.reveal() ?? '').secrets;
}

/** Nothing secret gets into a record that may never be altered again. */
function withoutSecrets(audit: Audit, known: KnownSecrets): Audit {
  const clean = (event: AuditEvent): AuditEvent =>
    JSON.parse(known.hideInJson(JSON.stringify(redactIn(event)))) as AuditEvent;
  return { ...audit, append: (event) => audit.append(clean(event)) };
}

/** A worker's tools: what is shared, and the way to nodes and HMCs. The caller closes `ssh` and `certificates`. */
export function workerTools(
  settings: Settings,
  shared: Shared,
  stopping: () => boolean,
  log: Logger,
  handOver = new HandOver(),
): Tools {
  const { config, inventory, policy } = settings;
  const { redis, bus, clock, newId, queues, observe } = shared;
  const tendAudit = auditTending(settings, { ...shared, stopping, log });
  const limit = config.ssh.hmcSessions;
  const storedKeys: StoredKeys = async (host, port) => (await shared.hostKeys.pins(host, port))?.keys ?? [];
  const ssh = transportOf(config, {
    hmcGate: createHmcGate({ redis, bus, prefix: keyPrefix, limit, clock, newToken: newId, observe }),
    storedKeys,
    observe,
    tracing: shared.tracing,
    log,
  });
  const timeoutMs = config.ssh.connectTimeoutSeconds * 1_000;
  const fetching = { timeoutMs, agentSocket: config.agentSocket, storedKeys };
  const parser = createCertificateParser();
  const reading = { ssh, clock, parser, nodesAtOnce: config.ssh.nodesAtOnce };
  return {
    ...shared,
    tendAudit,
    queue: queues,
    inventory,
    chooseNodes: (selectors) => chooseNodes(inventory, selectors),
    ssh,
    fetchHostKeys: (endpoint) => fetchHostKeys(endpoint, fetching),
    filePins,
    certificates: parser,
    // What a certificate says of itself is written by whoever made it, and is kept for weeks.
    readNodes: (nodes, signal, onRead) =>
      readManyCertificates(nodes, { ...reading, clean: redactIn }, signal, onRead),
    policy,
    approvalsNeeded: (risk) => approvalsNeeded(policy, risk),
    approvalExpiryMs: config.approvals.expiryMinutes * 60_000,
    verify: {
      gapMs: config.verify.gapSeconds * 1_000,
      pollMs: config.verify.pollSeconds * 1_000,
      deadlineMs: config.verify.deadlineMinutes * 60_000,
    },
    rolloutLimits: policy.rollout,
    nodesAtOnce: config.ssh.nodesAtOnce,
    sweepLimits: sweepLimitsOf(config),
    rsctLevels: config.rsct,
    digestChannels: config.digest.channels,
    drawYear: picture(log),
    keepRunDirectoryMs: config.runDirectoryKeepDays * 24 * 3_600_000,
    keepOutputsMs: config.keep.outputsDays * 24 * 3_600_000,
    stopping,
    handOver,
    log,
  };
}

/** Draws where that is possible: the picture goes with the digest, and the digest goes without it. */
function picture(log: Logger): Tools['drawYear'] {
  return async (year) => {
    try {
      const { drawYear } = await import('./picture/year.js');
      return await drawYear(year);
    } catch (error) {
      log.warn({ err: error }, 'the picture of the year ahead could not be drawn');
      return null;
    }
  };
}
