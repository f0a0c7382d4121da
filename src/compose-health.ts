/** Builds what tells how a process is: the board of its checks, and the port on which they are answered. */
import type { BotProcess } from './bot.js';
import { readSettings, type Settings } from './cli/context.js';
import { lookAtPrivateKeys } from './cli/secret-files.js';
import type { Shared } from './compose.js';
import { redact } from './core/redact.js';
import { createBoard, type Board } from './health/board.js';
import { lookAtClock } from './health/clock-check.js';
import { lookAtConfig } from './health/config-check.js';
import { openDoor, type Route } from './health/door.js';
import { watchLoop } from './health/loop-watch.js';
import { lookAtOutbox } from './health/outbox-check.js';
import { livez, readyz } from './health/probes.js';
import { checksOf, type Check, type Readiness, type Role } from './health/readiness.js';
import { lookAtSettings, lookAtStoreKey, lookForRedis, lookForWrites } from './health/redis-checks.js';
import { lookAtDoor, lookAtToken } from './health/slack-checks.js';
import { lookAtInventory, lookAtKeys, lookAtMoreWorkers, lookAtQueues } from './health/worker-checks.js';
import type { Logger } from './log.js';
import { keyPrefix } from './redis/connect.js';
import { whereIs } from './redis/place.js';
import { redisProblems } from './redis/problems.js';
import { loginWords, refusalWords } from './redis/words.js';
import { storeKeyProblem } from './sealing/store-key.js';
import { problemLine } from './settings/problem.js';
import type { WorkerProcess } from './worker.js';

export interface HealthOptions {
  readonly role: Role;
  readonly settings: Settings;
  readonly log: Logger;
  /** Fires when the process is told to stop. */
  readonly stopping: AbortSignal;
  /** Whether it starts further worker processes. */
  readonly hasMore?: boolean;
  /** What else is answered on the port, by path. */
  readonly routes: Readonly<Record<string, Route>>;
  /** Milliseconds between two rounds of checks, and between two looks at what changes seldom or costs something. */
  readonly pace?: { readonly roundMs: number; readonly slowMs: number };
  /** Epoch milliseconds. */
  readonly clock?: () => number;
}

/** How the parts of a process tell that they run and are to be looked at. */
export interface Health {
  /** `http://127.0.0.1:8080`; null where no port is set. */
  readonly url: string | null;
  redis(shared: Shared): void;
  worker(shared: Shared, worker: WorkerProcess): void;
  bot(shared: Shared, bot: BotProcess): void;
  /** `missing` tells in a sentence which of the further worker processes do not take jobs. */
  moreWorkers(missing: () => string | null): void;
  /** How it is now. */
  readiness(): Readiness;
  close(): Promise<void>;
}

interface Looking {
  readonly settings: Settings;
  readonly board: Board;
  readonly slowMs: number;
  readonly clock: () => number;
  /** What only a restart would cure, in a sentence; null when there is nothing. */
  readonly incurable: (() => string | null)[];
}

/** Begins to watch, and opens the port where the settings name one. Throws a UsageError where it cannot be had. */
export async function openHealth(options: HealthOptions): Promise<Health> {
  const { role, settings, log, stopping, routes, clock = Date.now } = options;
  const { slack, health, known } = settings.config;
  const { roundMs, slowMs } = options.pace ?? { roundMs: 5_000, slowMs: 30_000 };
  const board = createBoard({
    role,
    names: checksOf(role, slack.mode, options.hasMore),
    clock,
    stopping,
    roundMs,
    onChange: (check, before) => tell(log, check, before),
    clean: (sentence) => known.hide(redact(sentence)),
  });
  const loop = watchLoop();
  const looking: Looking = { settings, board, slowMs, clock, incurable: [() => loop.problem()] };
  board.attach('config', await lookAtConfig(onDisk(settings, role)), slowMs / 3);
  const door = await openPort(health, log, {
    '/livez': () => livez(stopping.aborted ? null : firstOf(looking.incurable)),
    '/readyz': (accept) => readyz(board.read(), accept),
    ...routes,
  });
  return {
    url: door?.url ?? null,
    redis: (shared) => lookAtRedis(shared, looking),
    worker: (shared, worker) => lookAtWorker(shared, worker, looking),
    bot: (shared, bot) => lookAtBot(shared, bot, looking),
    moreWorkers: (missing) => board.attach('workers', lookAtMoreWorkers(missing)),
    readiness: () => board.read(),
    close: async () => {
      board.close();
      loop.close();
      await door?.close();
    },
  };
}

async function openPort(
  { host, port }: Settings['config']['health'],
  log: Logger,
  routes: Readonly<Record<string, Route>>,
): Promise<Awaited<ReturnType<typeof openDoor>> | null> {
  if (port === null) return null;
  const onFault = (path: string, err: unknown): void =>
    log.error({ path, err }, 'the health port made no answer');
  const door = await openDoor({ host, port, routes, onFault });
  log.info({ url: door.url }, 'health is answered');
  return door;
}

function lookAtRedis({ redis, newId }: Shared, { settings: { config }, board, slowMs }: Looking): void {
  const { place } = config.redis;
  const server = {
    redis,
    where: whereIs(place),
    words: (said: string) => loginWords(place, said) ?? refusalWords(place, said),
    // With a key of ours a Cluster sends it to the node that takes our writes.
    key: `${keyPrefix}health:${newId()}`,
  };
  board.attach('redis-reached', lookForRedis(server));
  board.attach('redis-writable', lookForWrites(server));
  board.attach(
    'redis-settings',
    lookAtSettings(() => redisProblems(redis, place)),
    slowMs,
  );
  board.attach(
    'store-key',
    lookAtStoreKey(() => storeKeyProblem(redis, keyPrefix, config.store)),
    slowMs,
  );
}

function lookAtWorker(
  { queues, redis }: Shared,
  worker: WorkerProcess,
  { settings, board, slowMs, clock, incurable }: Looking,
): void {
  const names = ['read', 'change', 'clock'] as const;
  const isPaused = (name: (typeof names)[number]): Promise<boolean> => queues.isPaused(name);
  const redisTime = async (): Promise<number> => {
    const [seconds = 0, micros = 0] = await redis.time();
    return seconds * 1_000 + micros / 1_000;
  };
  const { nodes, hmcs } = settings.inventory;
  board.attach('queues', lookAtQueues({ names, idle: () => worker.idle(), isPaused }));
  board.attach('clock', lookAtClock({ wall: clock, monotonic: () => performance.now(), redisTime }));
  board.attach(
    'private-keys',
    lookAtKeys(() => lookAtPrivateKeys(settings)),
    slowMs,
  );
  board.attach('inventory', lookAtInventory(nodes.size + hmcs.size), slowMs);
  incurable.push(() =>
    worker.idle().length === 0
      ? null
      : `No jobs are taken from the queues ${worker.idle().join(', ')} any more.`,
  );
}

function lookAtBot(
  { queues, outbox }: Shared,
  { slack, delivering }: BotProcess,
  { settings, board, slowMs, incurable }: Looking,
): void {
  board.attach(
    'slack-token',
    lookAtToken(() => slack.token()),
  );
  if (settings.config.slack.mode === 'socket')
    board.attach(
      'slack-socket',
      lookAtDoor(() => slack.lookAtDoor()),
    );
  else
    board.attach(
      'slack-route',
      lookAtDoor(() => slack.lookAtDoor()),
      slowMs / 3,
    );
  board.attach(
    'outbox',
    lookAtOutbox({
      isSending: () => delivering.isTaking(),
      isPaused: () => queues.isPaused('outbox'),
      waiting: () => outbox.waiting(),
      head: async (channel) => {
        const [first] = await outbox.queue(channel, 1);
        return first === undefined ? null : `${first.key} ${first.version}`;
      },
      monotonic: () => performance.now(),
    }),
    slowMs / 3,
  );
  incurable.push(() => (delivering.isTaking() ? null : 'No messages are sent to Slack any more.'));
}

/** The files that this process would read at its next start. Commands that print secrets are not run for it. */
function onDisk({ config }: Settings, role: Role): Parameters<typeof lookAtConfig>[0] {
  const { folder, secretFiles } = config;
  const ofFolder = ['aixops.yaml', 'inventory.yaml', 'policy.yaml'].map((name) => `${folder}/${name}`);
  return {
    files: [...ofFolder, ...secretFiles.map(({ path }) => path)],
    problems: () => {
      const read = readSettings(folder, role !== 'worker', config.environment());
      return 'config' in read ? [] : read.map(problemLine);
    },
  };
}

function firstOf(sentences: readonly (() => string | null)[]): string | null {
  for (const sentence of sentences) {
    const said = sentence();
    if (said !== null) return said;
  }
  return null;
}

/** One line for each change: a check that stays as it is says nothing. */
function tell(log: Logger, { name, state, sentence }: Check, before: Check): void {
  const fields = { check: name, state, before: before.state, sentence };
  if (state === 'failing') log.warn(fields, 'a health check fails');
  else if (state === 'warn' || state === 'unknown') log.warn(fields, 'a health check wants a look');
  else if (before.state !== 'starting') log.info(fields, 'a health check is well again');
}
