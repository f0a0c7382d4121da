/** The only importer of ioredis that opens connections, apart from those who look at single nodes. */
import { Cluster, Redis } from 'ioredis';
import { ConnectError } from '../core/errors.js';
import { Secret } from '../core/secret.js';
import type { RedisLink } from './link.js';
import { clusterOptions, redisOptions, type Use } from './options.js';
import { whereIs, type RedisPlace } from './place.js';
import { noTls, tlsRefusal } from './tls-probe.js';
import { wordsFor } from './words.js';

/** Every key of ours carries one hash tag, so that all of them live in one slot of a Redis Cluster. */
export const keyPrefix = '{aixops}:';

/**
 * Opens a connection; a URL alone is a place too. By default it is for our own stores and for adding jobs, and fails
 * fast; with `worker` it waits for Redis as long as it takes, as BullMQ's workers must.
 */
export function connectRedis(place: string, onError: (error: Error) => void, use?: Use): Redis;
export function connectRedis(place: RedisPlace, onError: (error: Error) => void, use?: Use): RedisLink;
export function connectRedis(
  place: RedisPlace | string,
  onError: (error: Error) => void,
  use: Use = 'store',
): RedisLink {
  const redis = open(typeof place === 'string' ? atUrl(place) : place, use);
  redis.on('error', onError);
  // What single nodes of a Cluster say; one of them may be down for long without harm.
  if (redis instanceof Cluster) redis.on('node error', onError);
  return redis;
}

function open(place: RedisPlace, use: Use): RedisLink {
  const { form } = place;
  if (form.kind === 'cluster') {
    const nodes = form.nodes.map(({ host, port }) => ({ host, port }));
    return new Cluster(nodes, clusterOptions(place, use));
  }
  const options = redisOptions(place, use);
  if (form.kind === 'sentinel') return new Redis(options);
  // ioredis takes a socket's path, not the URL that other clients write for it.
  return new Redis(form.url.reveal().replace(/^unix:\/\//, ''), options);
}

/** One Redis at a URL, and nothing else that could be said of it. */
function atUrl(url: string): RedisPlace {
  const form = { kind: 'url', url: new Secret(url) } as const;
  return { form, username: null, password: null, tls: null, replicas: 0 };
}

/** Waits until the connection answers; throws ConnectError after `timeoutMs` with words that say what to do. */
export async function readyRedis(
  redis: RedisLink,
  place: RedisPlace | string,
  timeoutMs: number,
): Promise<void> {
  const at = typeof place === 'string' ? atUrl(place) : place;
  const deadline = Date.now() + timeoutMs;
  let last = 'no answer';
  const tls: { said: string | null } = { said: null };
  void tlsRefusal(at).then((said) => {
    tls.said = said;
  });
  // What a socket says reaches the listeners only; the calls say no more than that they were not sent.
  const remember = (error: Error): void => {
    last = reasonOf(error) || last;
  };
  redis.on('error', remember);
  if (redis instanceof Cluster) redis.on('node error', remember);
  try {
    while (Date.now() < deadline) {
      try {
        // A command with a key of ours: a Cluster sends it to the node that takes our writes.
        await redis.exists(`${keyPrefix}store-key`);
        return;
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        // That a port has no TLS is guessed from its silence: it has until the end to speak.
        const heard = [said, last, tls.said === noTls ? '' : (tls.said ?? '')];
        const words = heard.map((text) => wordsFor(at, text)).find((one) => one !== null);
        if (words !== undefined) throw new ConnectError('Redis', 'login-refused', words);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    redis.off('error', remember);
    if (redis instanceof Cluster) redis.off('node error', remember);
  }
  const waited = `${Math.round(timeoutMs / 1000)} s`;
  const silent = tls.said === null ? null : wordsFor(at, tls.said);
  throw new ConnectError('Redis', 'unreachable', silent ?? unreachable(at, waited, last));
}

function unreachable(place: RedisPlace, waited: string, last: string): string {
  const said = `${whereIs(place)} did not answer within ${waited} (${last}).`;
  if (place.form.kind === 'url') return `${said} Start it, or set REDIS_URL to where it is.`;
  return `${said} Start it, or set redis.${place.form.kind}.nodes in aixops.yaml to where it is.`;
}

/** A Cluster says only that no node answered; what the last one said is inside. */
function reasonOf(error: Error): string {
  const inner: unknown = 'lastNodeError' in error ? error.lastNodeError : null;
  return inner instanceof Error ? inner.message : error.message;
}
