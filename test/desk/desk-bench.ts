import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import pino from 'pino';
import type { Tools } from '../../jobs/tools.js';
import { createStepUp } from '../../src/approval/step-up.js';
import { createChangeStore, type ChangeStore } from '../../src/approval/store.js';
import { createAudit, type Audit } from '../../src/audit/audit.js';
import { Secret } from '../../src/core/secret.js';
import { Desk } from '../../src/desk/desk.js';
import { createOutbox, type Outbox } from '../../src/outbox/outbox.js';
import { policySchema, type Policy } from '../../src/policy/schema.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { createRequestStore, type RequestStore } from '../../src/requests/store.js';
import { smallEstate } from '../commands/small-estate.js';
import { startRedis } from '../lab/redis-server.js';
import { mayIBy } from './as.js';

/** The desk of a bot on a real Redis, without nodes: what was queued is written down. Its clock stands still. */
export interface DeskBench {
  readonly redis: Redis;
  readonly changes: ChangeStore;
  readonly requests: RequestStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly queued: { readonly name: string; readonly id: string }[];
  /** Epoch milliseconds; may be set. */
  now: number;
  /** A desk under a policy, as `policy.yaml` would say it. */
  desk(policy: unknown): Desk;
  policy(policy: unknown): Policy;
  /** What those jobs of a worker use that read no node; the rest is not there. */
  tools(policy: unknown): Tools;
  fresh(): Promise<void>;
  stop(): Promise<void>;
}

const unused = {
  rollouts: { open: () => Promise.resolve([]) },
  usergroups: { of: () => Promise.resolve(new Map([['S0ONCALL', ['UDAVE', 'UALICE']]])) },
};

const everyone = { approvers: 'everyone', allow: { diagnose: 'everyone', propose: 'everyone' } };

export async function openDeskBench(secrets: Readonly<Record<string, string>> = {}): Promise<DeskBench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-desk-'));
  const server = await startRedis({ folder });
  const redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 5_000);
  const queued: { name: string; id: string }[] = [];
  const clock = (): number => bench.now;
  const shared = {
    ...{ redis, clock, approversHint: 'anyone', inventory: smallEstate().inventory },
    changes: createChangeStore(redis, keyPrefix),
    requests: createRequestStore(redis, keyPrefix),
    outbox: createOutbox(redis, keyPrefix, () => Promise.resolve()),
    audit: createAudit(redis, keyPrefix, clock),
    queue: {
      add: (_queue: string, name: string, { id }: { readonly id: string }) => {
        queued.push({ name, id });
        return Promise.resolve();
      },
    },
    bus: { publish: () => Promise.resolve() },
    newId: () => Math.random().toString(36).slice(2, 12),
    log: pino({ level: 'silent' }),
  };
  const stepUp = createStepUp({
    ...{ redis, prefix: keyPrefix, clock },
    secrets: new Map(Object.entries(secrets).map(([user, seed]) => [user, new Secret(seed)])),
  });
  const policy = (given: unknown): Policy => policySchema.parse({ ...everyone, ...(given as object) });
  const bench: DeskBench = {
    ...shared,
    queued,
    now: Date.parse('2026-03-01T02:10:00.000Z'),
    policy,
    desk: (given) => {
      const own = policy(given);
      const timeGate = () => Promise.resolve({ kind: 'open', glass: null } as const);
      return new Desk({ ...shared, stepUp, timeGate, policy: own, mayI: mayIBy(own, shared.audit) });
    },
    tools: (given) => ({ ...shared, policy: policy(given), ...unused }) as unknown as Tools,
    fresh: async () => {
      await redis.flushall();
      queued.length = 0;
      bench.now = Date.parse('2026-03-01T02:10:00.000Z');
    },
    stop: async () => {
      redis.disconnect();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}
