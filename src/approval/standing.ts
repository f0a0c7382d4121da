/** How many changes are in each state, and since when: read without opening their documents, however many there were. */
import type { RedisLink } from '../redis/link.js';
import { openStates, type ChangeIndex } from './change-index.js';
import type { Change, ChangeState } from './states.js';

/** One state of changes at this moment. Times are epoch milliseconds; null where there is none, or it is not known. */
export interface StateStanding {
  readonly state: ChangeState;
  readonly count: number;
  /** When the one that is in it for longest came into it. */
  readonly oldestMs: number | null;
  /** When the first of them expires; of `proposed` and `approved` only. */
  readonly firstExpiryMs: number | null;
}

/** More changes than these in one open state are counted, and not looked at one by one. */
const mostLookedAt = 500;

/** What the store keeps beside a change's document: its state, since when, and until when it may wait. */
export function sinceOf({ state, history, createdAt, expiresAt }: Change): string {
  const since = Date.parse(history.at(-1)?.at ?? createdAt);
  const expires = state === 'proposed' || state === 'approved' ? Date.parse(expiresAt) : '';
  return `${state} ${since} ${expires}`;
}

/** Every open state, also those that no change is in. Costs one look per open change and nothing for those that ended. */
export async function standingOfChanges(
  redis: RedisLink,
  prefix: string,
  index: ChangeIndex,
): Promise<readonly StateStanding[]> {
  return Promise.all(
    openStates.map(async (state) => {
      const [count, ids] = await Promise.all([
        redis.zcard(index.stateKey(state)),
        redis.zrange(index.stateKey(state), '0', String(mostLookedAt - 1)),
      ]);
      const kept = await Promise.all(ids.map((id) => redis.hget(`${prefix}change:${id}`, 'since')));
      const known = kept.flatMap((text) => read(text, state) ?? []);
      return {
        state,
        count,
        oldestMs: least(known.map(({ sinceMs }) => sinceMs)),
        firstExpiryMs: least(known.flatMap(({ expiresMs }) => expiresMs ?? [])),
      };
    }),
  );
}

/** When a worker should first look at a change again (epoch milliseconds); null where none is on the list. */
export async function firstDueMs(redis: RedisLink, prefix: string): Promise<number | null> {
  const [, score] = await redis.zrange(`${prefix}changes:due`, '0', '0', 'WITHSCORES');
  return score === undefined ? null : Number(score);
}

/** Written by a version that kept nothing, or by one that moved the change without saying so: not known. */
function read(
  text: string | null,
  state: ChangeState,
): { readonly sinceMs: number; readonly expiresMs: number | null } | null {
  const [kept, since, expires] = (text ?? '').split(' ');
  const sinceMs = Number(since);
  if (kept !== state || !Number.isFinite(sinceMs)) return null;
  return { sinceMs, expiresMs: expires === undefined || expires === '' ? null : Number(expires) };
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}
