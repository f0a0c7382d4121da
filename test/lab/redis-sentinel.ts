import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ask, inStep, replicationOf, until, type Login, type RedisGroup } from './redis-group.js';
import { freePort, startRedis, type RedisServer } from './redis-server.js';
import { findPart } from './system-parts.js';
import { spawnTied, type TiedChild } from './tied-child.js';

/** What the Sentinels call the group. */
const name = 'aixops';

export interface RedisSentinels extends RedisGroup {
  readonly sentinelPorts: readonly number[];
  /** Sends one command to the data node on that port. */
  askData(port: number, command: readonly (string | number)[]): Promise<unknown>;
}

export interface SentinelOptions {
  readonly folder: string;
  /** Replicas of the one master; 2 unless told. */
  readonly replicas?: number;
  /** What data nodes ask clients for. */
  readonly password?: string;
  /** What Sentinels ask clients for. */
  readonly sentinelPassword?: string;
}

/**
 * Starts one master with its replicas and three real Sentinels that call it down after 1.5 s, all on 127.0.0.1 below
 * `folder`. Resolves when the Sentinels know each other and every replica is in step. They end with this process.
 */
export async function startSentinels(options: SentinelOptions): Promise<RedisSentinels> {
  const { folder, replicas = 2, password = '' } = options;
  const login: Login = { password };
  const master = await startRedis({ folder: path.join(folder, 'data-0'), lines: dataLines(password) });
  const others = Array.from({ length: replicas }, (_, n) =>
    startRedis({
      folder: path.join(folder, `data-${n + 1}`),
      lines: [...dataLines(password), `replicaof 127.0.0.1 ${master.port}`],
    }),
  );
  const servers = [master, ...(await Promise.all(others))];
  const started = await Promise.all([0, 1, 2].map((n) => startSentinel(n, master.port, options)));
  const sentinelPorts = started.map(({ port }) => port);
  const sentinel: Login = { password: options.sentinelPassword ?? '' };
  const quorum = { ports: sentinelPorts, login: sentinel, replicas };
  await until('the Sentinels know each other and the replicas', () => isWhole(quorum));
  const nodes = sentinelPorts.map((port) => `"127.0.0.1:${port}"`).join(', ');
  return {
    ...acting(servers, login, quorum),
    ports: servers.map(({ port }) => port),
    sentinelPorts,
    askData: (port, command) => ask(port, command, login),
    settings: `redis: { sentinel: { name: ${name}, nodes: [${nodes}] } }`,
    stop: async () => {
      await Promise.all(started.map(({ child }) => child.stop('SIGKILL')));
      await Promise.all(servers.map((server) => server.kill()));
    },
  };
}

interface Quorum {
  readonly ports: readonly number[];
  readonly login: Login;
  readonly replicas: number;
}

function acting(
  servers: readonly RedisServer[],
  login: Login,
  quorum: Quorum,
): Pick<RedisGroup, 'masterPort' | 'failOver' | 'killMaster' | 'killReplicas' | 'restore'> {
  const masterPort = (): Promise<number> => masterOf(quorum);
  const another = (before: number): Promise<void> =>
    until('another node is the master', async () => {
      const port = await masterPort();
      return port !== before && (await replicationOf(port, login))['role'] === 'master';
    });
  return {
    masterPort,
    failOver: async () => {
      const before = await masterPort();
      // NOGOODSLAVE and INPROG pass: a replica counts as good only some seconds after it was first seen.
      await until('the Sentinel begins', async () => {
        await ask(quorum.ports[0] ?? 0, ['SENTINEL', 'FAILOVER', name], quorum.login);
        return true;
      });
      await another(before);
    },
    killMaster: async () => {
      const before = await masterPort();
      await servers.find(({ port }) => port === before)?.kill();
      await another(before);
    },
    killReplicas: async () => {
      const master = await masterPort();
      await Promise.all(servers.filter(({ port }) => port !== master).map((server) => server.kill()));
    },
    restore: async () => {
      const dead = servers.filter((server) => server.isOver());
      await Promise.all(dead.map((server) => server.restart()));
      await until(
        'all replicas are in step again',
        async () => (await inStep(await masterPort(), login)) === servers.length - 1,
      );
    },
  };
}

async function masterOf({ ports, login }: Quorum): Promise<number> {
  const answer = await ask(ports[0] ?? 0, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name], login);
  return Number((answer as string[])[1]);
}

async function isWhole({ ports, login, replicas }: Quorum): Promise<boolean> {
  const seen = await Promise.all(
    ports.map(async (port) => {
      const answer = await ask(port, ['SENTINEL', 'MASTER', name], login);
      const flat = answer as string[];
      const of = (key: string): number => Number(flat[flat.indexOf(key) + 1]);
      return of('num-slaves') === replicas && of('num-other-sentinels') === ports.length - 1;
    }),
  );
  return seen.every(Boolean);
}

function dataLines(password: string): readonly string[] {
  const login = password === '' ? [] : [`requirepass ${password}`, `masterauth ${password}`];
  return [...login, 'repl-diskless-sync-delay 0', 'repl-ping-replica-period 1'];
}

/** A Sentinel writes its own file anew: each start begins with the text here. */
async function startSentinel(
  n: number,
  masterPort: number,
  { folder, password, sentinelPassword }: SentinelOptions,
): Promise<{ child: TiedChild; port: number }> {
  const home = path.join(folder, `sentinel-${n}`);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const binary = (await findPart('redis')) ?? '';
  const port = await freePort();
  const own =
    sentinelPassword === undefined
      ? []
      : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`];
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${JSON.stringify(home)}`,
    `sentinel monitor ${name} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${name} 1500`,
    `sentinel failover-timeout ${name} 2500`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${name} ${password}`]),
    ...own,
  ];
  const config = path.join(home, 'sentinel.conf');
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const child = await spawnTied(binary, [config, '--sentinel'], { cwd: home });
  return { child, port };
}
