/** Opens Redis for a process, and says which writes must be on replicas before they count. */
import type { Logger } from 'pino';
import type { CalmStore } from './approval/calm.js';
import type { Locks } from './approval/locks.js';
import type { RolloutStore } from './approval/rollout-store.js';
import type { StepUp } from './approval/step-up.js';
import type { ChangeStore } from './approval/store.js';
import type { Audit } from './audit/audit.js';
import type { Settings } from './cli/context.js';
import type { Config } from './config.js';
import { UsageError } from './core/errors.js';
import type { DigestStore } from './digest/store.js';
import type { Outbox } from './outbox/outbox.js';
import type { Queues } from './queue/queues.js';
import { connectRedis, keyPrefix, readyRedis } from './redis/connect.js';
import type { HostKeyStore } from './redis/host-keys.js';
import { createKept, keeping, type Kept } from './redis/kept.js';
import type { RedisLink } from './redis/link.js';
import type { RedisPlace } from './redis/place.js';
import { redisProblems } from './redis/problems.js';
import type { RequestStore } from './requests/store.js';
import { claimStoreKey } from './sealing/store-key.js';

export interface OpenRedis {
  readonly redis: RedisLink;
  readonly kept: Kept;
  /** What workers' connections are opened after; it waits for Redis as long as it takes. */
  workerLink(): RedisLink;
  readonly onError: (error: Error) => void;
  close(): void;
}

/** Connects; throws ConnectError when Redis does not answer within 10 s, UsageError when it would lose state. */
export async function openRedis({ config }: Settings, log: Logger): Promise<OpenRedis> {
  const { place } = config.redis;
  let isReady = false;
  // Until then the one sentence of `readyRedis` says it all.
  const onError = (err: Error): void => {
    if (isReady) log.warn({ err }, 'Redis is not reached');
  };
  const redis = connectRedis(place, onError);
  try {
    await readyRedis(redis, place, 10_000);
    isReady = true;
    await refuseUnsafe(redis, place, log);
    await refuseOtherKey(redis, config);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const monotonic = (): number => performance.now();
  let link: RedisLink | null = null;
  return {
    redis,
    kept: createKept({ redis, prefix: keyPrefix, replicas: place.replicas, monotonic }),
    workerLink: () => (link ??= connectRedis(place, onError, 'worker')),
    onError,
    close: () => {
      link?.disconnect();
      redis.disconnect();
    },
  };
}

/** A Redis that throws keys away would lose changes while all looks well: nothing is started on it. */
async function refuseUnsafe(redis: RedisLink, place: RedisPlace, log: Logger): Promise<void> {
  for (const { kind, sentence } of await redisProblems(redis, place)) {
    if (kind === 'unsafe') throw new UsageError(`${sentence} Nothing was started.`);
    if (kind === 'mute') log.warn({ problem: sentence }, 'processes do not hear each other');
    else log.warn({ problem: sentence }, 'Redis may lose state');
  }
}

/** Documents that cannot be opened would be lost work, and clear ones beside sealed ones a leak: neither is started. */
async function refuseOtherKey(redis: RedisLink, { store }: Config): Promise<void> {
  const problem = await claimStoreKey(redis, keyPrefix, store);
  if (problem !== null) throw new UsageError(`${problem} Nothing was started.`);
}

interface Stores {
  readonly calm: CalmStore;
  readonly stepUp: StepUp;
  readonly queues: Queues;
  readonly requests: RequestStore;
  readonly changes: ChangeStore;
  readonly rollouts: RolloutStore;
  readonly locks: Locks;
  readonly digest: DigestStore;
  readonly hostKeys: HostKeyStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
}

/**
 * The writes that promise something: that a request is taken, who decided what, what a worker is about to do on a node,
 * that a message will come. Leases, and marks that are set again by themselves, are not among them.
 */
export function keptStores(stores: Stores, kept: Kept): Stores {
  return {
    calm: keeping(
      stores.calm,
      ['setFreeze', 'lift', 'keepWish', 'keepGlass', 'addLetThrough', 'review'],
      kept,
    ),
    stepUp: keeping(stores.stepUp, ['offer'], kept),
    queues: keeping(stores.queues, ['add'], kept),
    requests: keeping(stores.requests, ['put', 'withdraw', 'stop', 'putOffer', 'putEarlier', 'once'], kept),
    changes: keeping(
      stores.changes,
      ['create', 'propose', 'move', 'update', 'appendJournal', 'setDue', 'setUntidy'],
      kept,
    ),
    rollouts: keeping(stores.rollouts, ['create', 'move', 'update', 'setDue'], kept),
    locks: keeping(stores.locks, ['take', 'force'], kept),
    digest: keeping(stores.digest, ['keepDaily', 'keepAsked', 'markPosted', 'hush', 'assign', 'move'], kept),
    hostKeys: keeping(stores.hostKeys, ['create', 'change', 'end', 'pin'], kept),
    outbox: keeping(stores.outbox, ['put', 'putOnce', 'markTrying', 'settle'], kept),
    audit: keeping(stores.audit, ['append'], kept),
  };
}
