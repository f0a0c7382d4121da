/** What a process says of its own health: named checks, and one verdict over them. Pure. */

/** What a process is started as. */
export type Role = 'all' | 'bot' | 'worker';

/**
 * `ok`, `warn` (a person should look) and `unknown` (it cannot be told, which is no fault of this process) leave it
 * ready; `starting` (not looked at yet) and `failing` do not.
 */
export type CheckState = 'ok' | 'warn' | 'unknown' | 'starting' | 'failing';

/** What one look found: where it is not `ok`, the sentence says what a person must mend. */
export interface Finding {
  readonly state: Exclude<CheckState, 'starting'>;
  readonly sentence: string;
}

interface About {
  /** Words for the time before its first look. */
  readonly starting: string;
  /** It cannot be looked at while that one fails. */
  readonly needs?: CheckName;
  /** It is looked at after all others of the round. */
  readonly isLast?: true;
}

/** Every check there is. */
export const checks: Readonly<Record<CheckName, About>> = {
  'slack-token': { starting: 'The bot token has not been tried yet.' },
  'slack-socket': { starting: 'No Socket Mode connection to Slack has been opened yet.' },
  'slack-route': { starting: 'The endpoint for Slack has not been tried yet.' },
  'redis-reached': { starting: 'Redis has not answered yet.' },
  // A refused write makes the client connect anew, which would take the answers of the others with it.
  'redis-writable': {
    starting: 'Nothing has been written to Redis yet.',
    needs: 'redis-reached',
    isLast: true,
  },
  'redis-settings': { starting: 'The settings of Redis have not been read yet.', needs: 'redis-reached' },
  'store-key': { starting: 'The store key has not been compared yet.', needs: 'redis-reached' },
  config: { starting: 'The settings on disk have not been read a second time yet.' },
  outbox: {
    starting: 'The messages that wait for Slack have not been looked at yet.',
    needs: 'redis-reached',
  },
  queues: { starting: 'No jobs are taken yet.', needs: 'redis-reached' },
  clock: { starting: 'The clock has not been compared yet.' },
  'private-keys': { starting: 'The private keys have not been looked at yet.' },
  inventory: { starting: 'The inventory has not been looked at yet.' },
  workers: { starting: 'The further worker processes have not been started yet.' },
};

export type CheckName =
  | 'slack-token'
  | 'slack-socket'
  | 'slack-route'
  | 'redis-reached'
  | 'redis-writable'
  | 'redis-settings'
  | 'store-key'
  | 'config'
  | 'outbox'
  | 'queues'
  | 'clock'
  | 'private-keys'
  | 'inventory'
  | 'workers';

const ofBoth: readonly CheckName[] = [
  'redis-reached',
  'redis-writable',
  'redis-settings',
  'store-key',
  'config',
];
const ofWorker: readonly CheckName[] = ['queues', 'clock', 'private-keys', 'inventory'];

/** The checks of a role, in the order in which a person should read them; `hasMore` where it has started further workers. */
export function checksOf(role: Role, mode: 'socket' | 'http', hasMore = false): readonly CheckName[] {
  const ofBot: readonly CheckName[] = ['slack-token', mode === 'socket' ? 'slack-socket' : 'slack-route'];
  const ofWorkers: readonly CheckName[] = hasMore ? [...ofWorker, 'workers'] : ofWorker;
  if (role === 'worker') return [...ofBoth, ...ofWorkers];
  return [...ofBot, ...ofBoth, 'outbox', ...(role === 'all' ? ofWorkers : [])];
}

export interface Check {
  readonly name: CheckName;
  readonly state: CheckState;
  /** Epoch milliseconds at which it came into this state. */
  readonly since: number;
  readonly sentence: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly role: Role;
  readonly stopping: boolean;
  readonly checks: readonly Check[];
}

/** The verdict: ready when nothing fails, everything was looked at, and nobody has told the process to stop. */
export function readiness(role: Role, found: readonly Check[], stopping: boolean): Readiness {
  const isReady = found.every(({ state }) => state !== 'failing' && state !== 'starting');
  return { ready: isReady && !stopping, role, stopping, checks: found };
}

/** What a look found, or, where it could not be made for what another one found, only that. */
export function withNeeds(name: CheckName, found: ReadonlyMap<CheckName, Finding>): Finding | undefined {
  const own = found.get(name);
  const { needs } = checks[name];
  if (needs === undefined || found.get(needs)?.state !== 'failing') return own;
  return { state: 'unknown', sentence: `This cannot be told while ${needs} fails.` };
}

/** The readiness as JSON has it; times are ISO 8601. */
export function readinessJson({ ready, role, stopping, checks: list }: Readiness): string {
  const told = list.map(({ since, ...check }) => ({
    name: check.name,
    state: check.state,
    since: new Date(since).toISOString(),
    sentence: check.sentence,
  }));
  return `${JSON.stringify({ ready, role, stopping, checks: told }, null, 2)}\n`;
}

/** The readiness for a person: one line first, and one for each check. */
export function readinessText({ ready, role, stopping, checks: list }: Readiness): string {
  const first = stopping ? 'stopping' : ready ? 'ready' : 'not ready';
  const lines = list.map(({ name, state, since, sentence }) =>
    `${state.padEnd(9)}${name.padEnd(15)} since ${new Date(since).toISOString()}  ${sentence}`.trimEnd(),
  );
  return [`${first} (${role})`, ...lines, ''].join('\n');
}
