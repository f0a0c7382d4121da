/** Looks at Redis as this process uses it: through its own connection. */
import type { RedisLink } from '../redis/link.js';
import type { Look } from './board.js';
import type { Finding } from './readiness.js';

const ok: Finding = { state: 'ok', sentence: '' };

/** The server, or servers, as this process uses them. */
export interface Server {
  readonly redis: RedisLink;
  /** Names it in sentences. */
  readonly where: string;
  /** What a refusal means that only new settings can mend; null for anything else. */
  readonly words: (said: string) => string | null;
  /** A key of this process, free to be written. */
  readonly key: string;
}

/** Whether Redis answers at all. */
export function lookForRedis({ redis, where, words, key }: Server): Look {
  // What a socket or a login says reaches the listeners only: a call says no more than that it was not sent.
  let last = '';
  const remember = (error: Error): void => void (last = error.message || error.name);
  redis.on('error', remember);
  redis.on('node error', remember);
  redis.on('ready', () => (last = ''));
  return async () => {
    try {
      await redis.exists(key);
      return ok;
    } catch (error) {
      const said = messageOf(error);
      const meant = words(said) ?? words(last);
      return failing(meant === null ? unreached(said, last, capital(where)) : `${meant} Then restart.`);
    }
  };
}

function unreached(said: string, last: string, where: string): string {
  if ([said, last].some((text) => /^LOADING\b/.test(text)))
    return `${where} is still reading its files after a start (LOADING). It answers when it has done so.`;
  if (/timed out/i.test(said))
    return `${where} did not answer within 2 s. Look whether it hangs, and at its log.`;
  return `${where} is not reached (${last === '' ? said : last}). Start it, or mend the way to it; nothing here needs a restart.`;
}

/** Why a write was refused, by the word that Redis begins its refusal with. */
const refusals: Readonly<Record<string, string>> = {
  READONLY: 'is a read-only replica. Point REDIS_URL at its master, or make this one the master.',
  NOPERM: 'lets us in, but not write. Give our user the rights to write keys that begin with {aixops}.',
  MISCONF: 'refuses writes, because it cannot save to its disk. Make room there and look at its log.',
  OOM: 'is full: it has reached maxmemory and refuses writes. Raise maxmemory, or take away what is not ours.',
  NOREPLICAS:
    'refuses writes, because too few replicas follow it. Start them, or lower min-replicas-to-write.',
  CLUSTERDOWN: 'refuses writes, because parts of the cluster are down. Start them again.',
  MASTERDOWN: 'is a replica that has lost its master. Start the master, or make this one the master.',
};

/** Whether a key of ours can really be written; it stays for a few seconds. */
export function lookForWrites({ redis, where: place, key }: Server): Look {
  const where = capital(place);
  return async () => {
    try {
      await redis.set(key, '1', 'PX', 10_000);
      return ok;
    } catch (error) {
      const said = messageOf(error);
      const why = refusals[codeOf(said)];
      if (why !== undefined) return failing(`${where} ${why} (${codeOf(said)})`);
      // A refusal begins with a word in capitals; all else is about the connection, of which another check tells.
      return /^[A-Z]{3,}\b/.test(said)
        ? failing(`${where} refuses writes (${said.slice(0, 120)}). Look at its log.`)
        : { state: 'unknown', sentence: `Nothing could be written (${said.slice(0, 120)}).` };
    }
  };
}

/** A problem with the server's settings, as the connection's edge tells it. */
interface SettingsProblem {
  /** `frail`: nothing takes over when a server fails, which is no fault of what runs now. `untold`: it does not say. */
  readonly kind: 'unsafe' | 'weak' | 'frail' | 'mute' | 'untold';
  readonly sentence: string;
}

/** Whether Redis keeps what it is given; what it does not tell is no fault of ours. */
export function lookAtSettings(problems: () => Promise<readonly SettingsProblem[]>): Look {
  return async () => {
    const found = await problems();
    if (found.length === 0) return ok;
    const sentence = found.map((problem) => problem.sentence).join(' ');
    const kinds = new Set(found.map(({ kind }) => kind));
    if (kinds.has('unsafe') || kinds.has('weak')) return failing(sentence);
    return { state: kinds.has('frail') || kinds.has('mute') ? 'warn' : 'unknown', sentence };
  };
}

/** Whether documents in Redis can be opened with our store key; `problem` is a sentence, or null. */
export function lookAtStoreKey(problem: () => Promise<string | null>): Look {
  return async () => {
    const sentence = await problem();
    return sentence === null ? ok : failing(`${sentence} Restart with it.`);
  };
}

function failing(sentence: string): Finding {
  return { state: 'failing', sentence };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function codeOf(said: string): string {
  return /^[A-Z]+/.exec(said)?.[0] ?? '';
}
