/** Builds what tells how a process is: the board of its checks, and the port on which they are answered. */
import type { Settings } from './cli/context.js';
import { redact } from './core/redact.js';
import { createBoard, type Board } from './health/board.js';
import { openDoor, type Answer, type Route } from './health/door.js';
import { watchLoop, type LoopWatch } from './health/loop-watch.js';
import { checksOf, readinessJson, readinessText, type Check, type Role } from './health/readiness.js';
import type { Logger } from './log.js';

export interface HealthOptions {
  readonly role: Role;
  readonly settings: Settings;
  readonly log: Logger;
  /** Fires when the process is told to stop. */
  readonly stopping: AbortSignal;
  /** What else is answered on the port, by path. */
  readonly routes: Readonly<Record<string, Route>>;
}

export interface Health {
  readonly board: Board;
  close(): Promise<void>;
}

/**
 * Begins to watch, and opens the port where the settings name one. Throws a UsageError where it cannot be had.
 */
export async function openHealth({ role, settings, log, stopping, routes }: HealthOptions): Promise<Health> {
  const { slack, health, known } = settings.config;
  const board = createBoard({
    role,
    names: checksOf(role, slack.mode),
    clock: Date.now,
    stopping,
    onChange: (check, before) => tell(log, check, before),
    clean: (sentence) => known.hide(redact(sentence)),
  });
  const loop = watchLoop();
  const answers = {
    '/livez': () => livez(loop),
    '/readyz': (accept: string) => readyz(board, accept),
    ...routes,
  };
  const onFault = (path: string, err: unknown): void =>
    log.error({ path, err }, 'the health port made no answer');
  const { host, port } = health;
  const door = port === null ? null : await openDoor({ host, port, routes: answers, onFault });
  if (door !== null) log.info({ url: door.url }, 'health is answered');
  return {
    board,
    close: async () => {
      board.close();
      loop.close();
      await door?.close();
    },
  };
}

function livez(loop: LoopWatch): Answer {
  const problem = loop.problem();
  const type = 'text/plain; charset=utf-8';
  return problem === null
    ? { status: 200, type, body: 'alive\n' }
    : { status: 503, type, body: `not alive: ${problem}\n` };
}

function readyz(board: Board, accept: string): Answer {
  const now = board.read();
  const status = now.ready ? 200 : 503;
  const wantsText = accept.includes('text/plain') && !accept.includes('json');
  return wantsText
    ? { status, type: 'text/plain; charset=utf-8', body: readinessText(now) }
    : { status, type: 'application/json', body: readinessJson(now) };
}

/** One line for each change: a check that stays as it is says nothing. */
function tell(log: Logger, { name, state, sentence }: Check, before: Check): void {
  const fields = { check: name, state, before: before.state, sentence };
  if (state === 'failing') log.error(fields, 'a health check fails');
  else if (state === 'warn' || state === 'unknown') log.warn(fields, 'a health check wants a look');
  else if (before.state !== 'starting') log.info(fields, 'a health check is well again');
}
