/** The trail as the command line reads it. */
import { createTrail, pageSize, type Trail } from '../audit/trail.js';
import type { Checkpoint } from '../audit/checkpoint.js';
import { loadConfig, type Config } from '../config.js';
import { CommandError, UsageError } from '../core/errors.js';
import { connectRedis, keyPrefix, readyRedis } from '../redis/connect.js';
import { problemsText } from './context.js';

/** Opens the trail in Redis for some work, and closes it. Throws ConnectError where Redis does not answer within 5 s. */
export async function withTrail<T>(
  folder: string | undefined,
  work: (trail: Trail, config: Config) => Promise<T>,
): Promise<T> {
  const loaded = loadConfig({ folder });
  if (loaded.kind === 'problems') throw new UsageError(problemsText(loaded.problems));
  const { place } = loaded.config.redis;
  const redis = connectRedis(place, () => undefined);
  try {
    await readyRedis(redis, place, 5_000);
    return await work(createTrail(redis, keyPrefix), loaded.config);
  } finally {
    redis.disconnect();
  }
}

/** The anchor, if there is one, and every checkpoint. */
export async function checkpointsOf(trail: Trail): Promise<readonly Checkpoint[]> {
  const anchor = await trail.anchor();
  const checkpoints = anchor === null ? [] : [anchor];
  for await (const checkpoint of trail.checkpoints()) checkpoints.push(checkpoint);
  return checkpoints;
}

/** Every line that the trail has at the start, the oldest first. Throws CommandError when some are trimmed meanwhile. */
export async function* linesOf(trail: Trail): AsyncGenerator<string> {
  const { first, next } = await trail.bounds();
  for (let at = first; at < next; at += pageSize) {
    const lines = await trail.lines(at, Math.min(pageSize, next - at));
    const { first: now } = await trail.bounds();
    if (now !== first)
      throw new CommandError('Old records were trimmed while the trail was read. Type the same once more.');
    yield* lines;
  }
}
