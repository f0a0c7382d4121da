/** What our stores hold: a connection to one Redis, to the master that Sentinels name, or to a Redis Cluster. */
import type { Cluster, Redis } from 'ioredis';

/**
 * A connection to Redis in any of its three forms. Every key carries the same hash tag, so scripts and pipelines of
 * several keys work on a Cluster too; commands without a key (PING, CONFIG, SCAN, INFO, WAIT) go to any node of it.
 */
export type RedisLink = Redis | Cluster;
