/** What of a Redis, and of each server behind Sentinels or in a Cluster, would lose state one day. */
import { Cluster } from 'ioredis';
import { publishOn } from './bus.js';
import { keyPrefix } from './connect.js';
import type { RedisLink } from './link.js';
import { frail, nodeProblems, type RedisProblem } from './node-problems.js';
import { addressOf, type RedisPlace } from './place.js';
import { sentinelProblems } from './sentinels.js';

export type { RedisProblem } from './node-problems.js';

/**
 * Settings without which jobs can be lost: keys must not be evicted, and writes must survive a restart, on every server
 * that may take our writes one day; and whether another one can take over. Looks only, at all of them at once.
 */
export async function redisProblems(redis: RedisLink, place: RedisPlace): Promise<RedisProblem[]> {
  const found = await Promise.all([
    redis instanceof Cluster ? clusterProblems(redis) : nodeProblems(redis, 'Redis'),
    place.form.kind === 'sentinel' ? sentinelProblems(place) : [],
    replicaProblems(redis, place),
    channelProblems(redis),
  ]);
  return found.flat();
}

async function clusterProblems(redis: Cluster): Promise<RedisProblem[]> {
  const nodes = await Promise.all(
    redis
      .nodes('all')
      .map((node) =>
        nodeProblems(node, `Redis at ${addressOf(node.options.host ?? '', node.options.port ?? 0)}`),
      ),
  );
  return [...nodes.flat(), ...(await coverageProblems(redis))];
}

/** Slots that nobody serves, and nodes that the others call failed. */
async function coverageProblems(redis: Cluster): Promise<RedisProblem[]> {
  try {
    const info = await redis.cluster('INFO');
    const served = Number(/^cluster_slots_ok:(\d+)/m.exec(info)?.[1] ?? 0);
    const rows = String(await redis.cluster('NODES'))
      .trim()
      .split('\n');
    const failed = rows
      .filter((row) => /^\S+ \S+ \S*\bfail\b/.test(row))
      .map((row) => row.split(/[ @]/)[1] ?? '');
    return [
      ...(served === 16_384
        ? []
        : [frail(`The Redis Cluster serves ${served} of its 16384 slots. Look at CLUSTER NODES.`)]),
      ...failed.map((node) =>
        frail(`The node ${node} of the Redis Cluster is down. Start it, or take it out of the Cluster.`),
      ),
    ];
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return [frail(`The Redis Cluster does not say how it is (CLUSTER INFO: ${said}).`)];
  }
}

/** Too few replicas of the node that takes our writes: nothing could take over, or nothing would be accepted. */
async function replicaProblems(redis: RedisLink, place: RedisPlace): Promise<RedisProblem[]> {
  const needed = Math.max(place.replicas, place.form.kind === 'url' ? 0 : 1);
  if (needed === 0) return [];
  // The key takes both to the node that has our slot.
  const replies = await redis.pipeline().exists(`${keyPrefix}store-key`).info('replication').exec();
  const told = replies?.[1]?.[1];
  const info = typeof told === 'string' ? told : '';
  const online = info.match(/^slave\d+:.*\bstate=online\b/gm)?.length ?? 0;
  if (!info.includes('role:') || online >= needed) return [];
  const now = `Redis has ${online} ${online === 1 ? 'replica' : 'replicas'} in step`;
  if (place.replicas > online)
    return [
      frail(
        `${now}, and redis.replicas is ${place.replicas}: requests, approvals and steps are refused until there are more.`,
      ),
    ];
  return [frail(`${now}: when its server fails nothing takes over.`)];
}

/** A user who was made for an older version may have our keys and not our channels. */
async function channelProblems(redis: RedisLink): Promise<RedisProblem[]> {
  try {
    await publishOn(redis, keyPrefix, 'check', '');
    return [];
  } catch (error) {
    // How it is said depends on the version. Anything else is about a Redis that is away, of which others tell.
    if (!/NOPERM|permissions|can't publish|can't run this command/i.test(String(error))) return [];
    return [
      {
        kind: 'mute',
        sentence:
          'Our Redis user may not use channels that begin with {aixops}: processes do not hear each other, and whoever waits for ' +
          'an HMC looks only once a second. Give it &{aixops}:* +publish +subscribe +unsubscribe.',
      },
    ];
  }
}
