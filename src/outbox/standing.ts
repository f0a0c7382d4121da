/** How much waits for Slack, and since when, by priority. */
import type { RedisLink } from '../redis/link.js';
import { outboxKeys } from './keys.js';
import { priorities, scoresOf, type Priority } from './scores.js';

export interface OutboxStanding {
  readonly priority: Priority;
  readonly waiting: number;
  /** Milliseconds; null where nothing waits, or was put by a version that did not say when. */
  readonly oldestMs: number | null;
}

const nowScript = `local time = redis.call('TIME')\nreturn time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Channels that are looked into; of more than these, some are left out. */
const mostChannels = 500;
const all = Object.keys(priorities) as Priority[];

/** Looks at what is first in each channel. Costs some commands per channel with something waiting, nothing per message. */
export async function standingOfOutbox(
  redis: RedisLink,
  prefix: string,
): Promise<{ readonly channels: number; readonly standing: readonly OutboxStanding[] }> {
  const channels = await redis.smembers(outboxKeys(prefix).channelsKey);
  // With a key, so that in a Cluster it is the clock of the node that wrote down since when.
  const nowMs = Number(await redis.eval(nowScript, 1, outboxKeys(prefix).channelsKey));
  const looked = channels.slice(0, mostChannels);
  const standing = await Promise.all(
    all.map(async (priority) => {
      const found = await Promise.all(looked.map((channel) => lookAt(redis, prefix, channel, priority)));
      const since = found.flatMap(({ sinceMs }) => sinceMs ?? []);
      return {
        priority,
        waiting: found.reduce((sum, { waiting }) => sum + waiting, 0),
        oldestMs: since.length === 0 ? null : Math.max(0, nowMs - Math.min(...since)),
      };
    }),
  );
  return { channels: channels.length, standing };
}

async function lookAt(
  redis: RedisLink,
  prefix: string,
  channel: string,
  priority: Priority,
): Promise<{ readonly waiting: number; readonly sinceMs: number | null }> {
  const { entryKey, queueKey } = outboxKeys(prefix);
  const { from, to } = scoresOf(priority);
  const range = [String(from), `(${to}`] as const;
  const [waiting, [head]] = await Promise.all([
    redis.zcount(queueKey(channel), ...range),
    redis.zrangebyscore(queueKey(channel), ...range, 'LIMIT', 0, 1),
  ]);
  const since = head === undefined ? null : await redis.hget(entryKey(head), 'since');
  return { waiting, sinceMs: since === null ? null : Number(since) };
}
