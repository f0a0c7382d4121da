/** What a group of Redis servers that fails over looks like to a test, with Sentinels or as a Cluster. */
import { Redis } from 'ioredis';

export interface RedisGroup {
  /** The `redis:` section of aixops.yaml for this group, in one line. */
  readonly settings: string;
  /** The ports of all data nodes. */
  readonly ports: readonly number[];
  /** The port of the node that takes our writes now: the master, or the master of the slot of `{aixops}`. */
  masterPort(): Promise<number>;
  /**
   * Hands the role of that node over in order, as before a reboot; resolves when another one has it. Clients see
   * their connections close and writes refused for a moment.
   */
  failOver(): Promise<void>;
  /** SIGKILL of that node, as in a power cut; resolves when a replica has taken its place. */
  killMaster(): Promise<void>;
  /** SIGKILL of the replicas of that node. */
  killReplicas(): Promise<void>;
  /** Starts again whatever was killed; resolves when each of them is a replica that has caught up. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** Waits for a condition with a generous limit; throws with `what` and the last error. */
export async function until(what: string, holds: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  let last: unknown = 'it did not hold';
  while (Date.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within ${limitMs / 1000} s (${String(last)})`);
}

/** The password of the default user; empty where none is asked for. */
export interface Login {
  readonly password: string;
}

/** Sends one command to the server on that port of 127.0.0.1; rejects where it is away or refuses. */
export async function ask(
  port: number,
  [command = '', ...args]: readonly (string | number)[],
  login: Login = { password: '' },
): Promise<unknown> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    // A Sentinel has no INFO that a ready check could use.
    enableReadyCheck: false,
    commandTimeout: 5_000,
    retryStrategy: () => null,
    ...(login.password === '' ? {} : { password: login.password }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.call(String(command), ...args);
  } finally {
    client.disconnect();
  }
}

/** The fields of `INFO replication` of the server on that port. */
export async function replicationOf(port: number, login?: Login): Promise<Readonly<Record<string, string>>> {
  const text = String(await ask(port, ['INFO', 'replication'], login));
  const pairs = text.split('\r\n').map((line) => /^(\w+):(.*)$/.exec(line) ?? []);
  return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value]));
}

/** How many replicas of the master on that port are in step. */
export async function inStep(port: number, login?: Login): Promise<number> {
  const fields = Object.entries(await replicationOf(port, login));
  return fields.filter(([key, value]) => /^slave\d+$/.test(key) && value.includes('state=online')).length;
}
