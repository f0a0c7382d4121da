/**
 * Messages between processes over Redis's channels. They are hints, so that nobody needs to look again and again: who is
 * away misses them, and a fail-over may lose some. Whoever listens looks for himself now and then all the same.
 */
import { Cluster, type Redis } from 'ioredis';
import { isStoreAway } from '../core/errors.js';
import type { RedisLink } from './link.js';

export interface Bus {
  /** Tells everybody who listens to `topic`; a hint only: whoever is away misses it. Never throws: where Redis is away it is lost. */
  publish(topic: string, text: string): Promise<void>;
  /** Begins to listen; returns what ends it. */
  subscribe(topic: string, hear: (text: string) => void): () => void;
  close(): Promise<void>;
}

export interface BusOptions {
  /** Publishes, and says where Redis is; one more connection is opened after it to listen on, when somebody first listens. */
  readonly redis: RedisLink;
  /** Begins every channel's name. */
  readonly prefix: string;
  /** Told once of what lasts, such as a user who may not use these channels, and each time of a listener that throws. */
  readonly onError: (error: Error) => void;
}

/** The channel of a topic, for scripts that tell of what they have just done. */
export function channelOf(prefix: string, topic: string): string {
  return `${prefix}${topic}`;
}

/**
 * Messages to a topic go through the connection as a script with a key of ours: in a Cluster a bare PUBLISH goes to any
 * node, also to one that is just dying; the key takes it to the one that takes our writes. Rejects where it did not go.
 */
export async function publishOn(
  redis: RedisLink,
  prefix: string,
  topic: string,
  text: string,
): Promise<void> {
  await redis.eval(tell, 1, `${prefix}bus`, channelOf(prefix, topic), text);
}

const tell = `return redis.call('PUBLISH', ARGV[1], ARGV[2])`;

/** What is listened to is asked for again so often: it finds a server that hangs, and rights that were given late. */
const pulseMs = 10_000;
const mostPauseMs = 2_000;

/** The connection to listen on: it ends at every fault, and another one is opened, in a Cluster to another node. */
const hearing = {
  lazyConnect: false,
  enableOfflineQueue: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  connectTimeout: 5_000,
  commandTimeout: 5_000,
  socketTimeout: 5_000,
  readOnly: false,
  connectionName: 'aixops',
} as const;

interface Listener {
  readonly hear: (text: string) => void;
}

/** A bus on one Redis, behind Sentinels, or on a Cluster. */
export function createBus(options: BusOptions): Bus {
  return new RedisBus(options);
}

class RedisBus implements Bus {
  private readonly listeners = new Map<string, Set<Listener>>();
  private ear: Redis | null = null;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private isClosed = false;
  /** What was said last of rights and the like; null while all is well. */
  private told: string | null = null;

  constructor(private readonly options: BusOptions) {}

  async publish(topic: string, text: string): Promise<void> {
    const { redis, prefix } = this.options;
    await publishOn(redis, prefix, topic, text).catch((error: unknown) => this.tellOnce(error));
  }

  subscribe(topic: string, hear: (text: string) => void): () => void {
    const channel = channelOf(this.options.prefix, topic);
    const listener: Listener = { hear };
    const others = this.listeners.get(channel);
    if (others === undefined) {
      this.listeners.set(channel, new Set([listener]));
      this.listen([channel]);
    } else others.add(listener);
    return () => this.leave(channel, listener);
  }

  close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.listeners.clear();
    this.ear?.disconnect();
    return Promise.resolve();
  }

  private leave(channel: string, listener: Listener): void {
    const all = this.listeners.get(channel);
    if (all?.delete(listener) !== true || all.size > 0) return;
    this.listeners.delete(channel);
    if (this.ear?.status === 'ready') this.ear.unsubscribe(channel).catch(() => undefined);
  }

  private listen(channels: readonly string[]): void {
    if (this.ear === null) {
      this.open();
      return;
    }
    // One that is still opening asks for all of them when it is ready.
    if (this.ear.status !== 'ready' || channels.length === 0) return;
    this.ear.subscribe(...channels).then(
      () => (this.told = null),
      (error: unknown) => this.tellOnce(error),
    );
  }

  private open(): void {
    clearTimeout(this.timer);
    if (this.isClosed || this.ear !== null) return;
    const node = nodeOf(this.options.redis);
    if (node === null) {
      this.openLater();
      return;
    }
    const ear = node.duplicate(hearing);
    this.ear = ear;
    // The connection that publishes tells of a Redis that is away.
    ear.on('error', () => undefined);
    ear.on('message', (channel, text) => this.hear(channel, text));
    ear.once('ready', () => {
      this.failures = 0;
      this.beat();
    });
    ear.once('end', () => {
      this.ear = null;
      this.openLater();
    });
  }

  private beat(): void {
    this.listen([...this.listeners.keys()]);
    this.after(pulseMs, () => this.beat());
  }

  private openLater(): void {
    this.failures += 1;
    this.after(Math.min(100 * this.failures, mostPauseMs), () => this.open());
  }

  private after(ms: number, act: () => void): void {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(act, ms).unref();
  }

  private hear(channel: string, text: string): void {
    for (const { hear } of [...(this.listeners.get(channel) ?? [])]) {
      try {
        hear(text);
      } catch (error) {
        this.options.onError(asError(error));
      }
    }
  }

  private tellOnce(error: unknown): void {
    if (this.isClosed || isStoreAway(error)) return;
    const { message } = asError(error);
    if (this.told === message) return;
    this.told = message;
    this.options.onError(asError(error));
  }
}

/** A server to listen on. In a Cluster any node will do: each passes on what another one was told. */
function nodeOf(redis: RedisLink): Redis | null {
  if (!(redis instanceof Cluster)) return redis;
  const nodes = redis.nodes('all');
  return nodes[Math.floor(Math.random() * nodes.length)] ?? null;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
