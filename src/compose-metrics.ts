/** Builds what is told to Prometheus: the numbers of this process, and how things stand in Redis. */
import { jobs } from '../jobs/index.js';
import { aixReaders } from './aix/index.js';
import { ChangeIndex } from './approval/change-index.js';
import { firstDueMs, standingOfChanges } from './approval/standing.js';
import { createTrail } from './audit/trail.js';
import { certificateReaders } from './certificates/index.js';
import type { Settings } from './cli/context.js';
import { version } from './cli/version.js';
import { certificateStandings } from './compose-certificates.js';
import type { Shared } from './compose.js';
import { dueDate, dueMs, type DigestChannel } from './digest/schedule.js';
import type { Route } from './health/door.js';
import type { Readiness, Role } from './health/readiness.js';
import { hmcReaders } from './hmc/index.js';
import { createMetrics, type HealthView, type Metrics } from './metrics/metrics.js';
import type { ReadState, State } from './metrics/state.js';
import { standingOfOutbox } from './outbox/standing.js';
import { keyPrefix } from './redis/connect.js';
import { hmcSessionsKey } from './redis/hmc-line.js';
import { redisProblems } from './redis/problems.js';
import { diagnostics, fixes } from './runbooks/index.js';

/** The metrics of a process that has just begun. */
export function openMetrics(role: Role, { inventory }: Settings): Metrics {
  const ids = (all: readonly { readonly id: string }[]): string[] => all.map(({ id }) => id);
  const words = {
    commands: ids([...aixReaders, ...hmcReaders, ...certificateReaders]),
    fixes: ids(fixes),
    diagnostics: ids(diagnostics),
    jobs: [
      ...Object.entries(jobs).map(([name, { queue }]) => ({ name, queue })),
      { name: 'deliver', queue: 'outbox' },
    ],
    hmcs: [...inventory.hmcs.keys()],
  };
  return createMetrics({ version, role, node: process.version, words, clock: Date.now });
}

/** Answers scrapes on the port of health. */
export function metricsRoute(metrics: Metrics): Route {
  return async (accept) => ({ status: 200, ...(await metrics.scrape(accept)) });
}

/** Whether a process is ready, as its metrics tell it. */
export function healthView({ ready, checks }: Readiness): HealthView {
  return {
    isReady: ready,
    checks: checks.map(({ name, state }) => ({ name, isFailing: state === 'failing' })),
  };
}

/** Reads how things stand. Everything in it is bounded: no document of a change is opened, and no history is read. */
export function stateReader(settings: Settings, shared: Shared): ReadState {
  const { config, inventory } = settings;
  const { redis, queues, clock } = shared;
  const index = new ChangeIndex(redis, keyPrefix);
  const problems = kept(30_000, () => problemsByKind(redisProblems(redis, config.redis.place)));
  const certificates = certificateStandings(shared.digest, config.digest.channels);
  return async () => {
    const nowMs = clock();
    const [
      queued,
      changes,
      dueFirstMs,
      locks,
      outbox,
      digests,
      redisKinds,
      audit,
      hmcSessions,
      freeze,
      certs,
    ] = await Promise.all([
      Promise.all(queueNames.map(async (queue) => ({ queue, ...(await queues.standing(queue, nowMs)) }))),
      standingOfChanges(redis, keyPrefix, index),
      firstDueMs(redis, keyPrefix),
      shared.locks.held(),
      standingOfOutbox(redis, keyPrefix),
      Promise.all(config.digest.channels.map((channel) => digestOf(channel, shared, nowMs))),
      problems(),
      auditOf(shared),
      Promise.all([...inventory.hmcs.keys()].map((hmc) => sessionsOn(hmc, shared, nowMs))),
      shared.calm.freeze(),
      certificates(),
    ]);
    return {
      queues: queued.map((one) => ({
        ...one,
        oldestMs: one.oldestMs === null ? null : Math.max(0, nowMs - one.oldestMs),
      })),
      changes,
      overdueMs: dueFirstMs === null ? null : Math.max(0, nowMs - dueFirstMs),
      locks: locks.length,
      outbox: outbox.standing,
      outboxChannels: outbox.channels,
      digests,
      redisProblems: redisKinds,
      audit,
      hmcSessions,
      isFrozen: freeze !== null,
      certificates: certs,
    };
  };
}

const queueNames = ['read', 'change', 'outbox', 'clock'] as const;

async function digestOf(
  channel: DigestChannel,
  { digest }: Pick<Shared, 'digest'>,
  nowMs: number,
): Promise<State['digests'][number]> {
  const [last, lastPostedMs] = await Promise.all([
    digest.lastPosted(channel.channel),
    digest.lastPostedMs(channel.channel),
  ]);
  const due = dueDate(channel, nowMs, last);
  return { channel: channel.channel, dueMs: due === null ? null : dueMs(channel, due), lastPostedMs };
}

async function auditOf({ redis }: Pick<Shared, 'redis'>): Promise<State['audit']> {
  const trail = createTrail(redis, keyPrefix);
  const [{ first, next }, last, anchor] = await Promise.all([
    trail.bounds(),
    trail.lastCheckpoint(),
    trail.anchor(),
  ]);
  const sealed = (last ?? anchor)?.sequence ?? -1;
  return {
    records: next - first,
    behind: next - 1 - sealed,
    lastCheckpointMs: last === null ? null : Date.parse(last.at),
  };
}

async function sessionsOn(
  hmc: string,
  { redis }: Pick<Shared, 'redis'>,
  nowMs: number,
): Promise<State['hmcSessions'][number]> {
  return { hmc, open: await redis.zcount(hmcSessionsKey(keyPrefix, hmc), String(nowMs), '+inf') };
}

async function problemsByKind(asked: ReturnType<typeof redisProblems>): Promise<State['redisProblems']> {
  const counts = { unsafe: 0, weak: 0, frail: 0, mute: 0, untold: 0 };
  for (const { kind } of await asked) counts[kind] += 1;
  return counts;
}

/** Asks again after so many milliseconds, and at once after a failure. */
function kept<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | null = null;
  return () => {
    if (last !== null && performance.now() - last.at < ms) return last.answer;
    const answer = ask();
    last = { at: performance.now(), answer };
    answer.catch(() => {
      last = null;
    });
    return answer;
  };
}
