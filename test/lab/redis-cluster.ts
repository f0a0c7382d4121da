import path from 'node:path';
import { ask, inStep, replicationOf, until, type RedisGroup } from './redis-group.js';
import { freePort, startRedis, type RedisServer } from './redis-server.js';

/** `CLUSTER KEYSLOT {aixops}`: where all of our keys are. */
export const aixopsSlot = 7_513;

interface Node {
  readonly server: RedisServer;
  /** The cluster's own port: 10,000 more, the default, may be no port at all. */
  readonly bus: number;
}

/**
 * Starts a real Redis Cluster of three masters with one replica each on 127.0.0.1 below `folder`; a node is called
 * failed after 2 s. Resolves when every node says that all slots are served. All end with this process.
 */
export async function startCluster(options: {
  folder: string;
  /** Further lines of redis.conf for each node. */
  lines?: readonly string[];
}): Promise<RedisGroup> {
  const { folder, lines = [] } = options;
  const nodes = await Promise.all(
    Array.from({ length: 6 }, (_, n) => startNode(path.join(folder, `node-${n}`), lines)),
  );
  const ports = nodes.map(({ server }) => server.port);
  await join(nodes);
  const named = ports.map((port) => `"127.0.0.1:${port}"`).join(', ');
  // What one node knows of another's replica comes with gossip.
  await until('every node knows every replica', () =>
    all(nodes, async (port) => (await shardsOf(port)).every((shard) => shard.length === 2)),
  );
  return {
    ...acting(nodes.map(({ server }) => server)),
    ports,
    settings: `redis: { cluster: { nodes: [${named}] } }`,
    stop: async () => {
      await Promise.all(nodes.map(({ server }) => server.kill()));
    },
  };
}

/** Its second port may be taken by the time it is wanted. */
async function startNode(folder: string, lines: readonly string[], tries = 3): Promise<Node> {
  const bus = await freePort();
  const cluster = [
    'cluster-enabled yes',
    `cluster-port ${bus}`,
    'cluster-node-timeout 2000',
    'cluster-replica-validity-factor 0',
    'repl-diskless-sync-delay 0',
    'repl-ping-replica-period 1',
  ];
  try {
    return { server: await startRedis({ folder, lines: [...cluster, ...lines] }), bus };
  } catch (error) {
    if (tries > 1) return startNode(folder, lines, tries - 1);
    throw error;
  }
}

/** The first three become masters of a third of the slots each, the others their replicas. */
async function join(nodes: readonly Node[]): Promise<void> {
  const portOf = (n: number): number => nodes[n]?.server.port ?? 0;
  const thirds = [
    [0, 5_460],
    [5_461, 10_922],
    [10_923, 16_383],
  ] as const;
  await Promise.all(thirds.map(([from, to], n) => ask(portOf(n), ['CLUSTER', 'ADDSLOTSRANGE', from, to])));
  for (const [n] of nodes.entries()) await ask(portOf(n), ['CLUSTER', 'SET-CONFIG-EPOCH', n + 1]);
  for (const { server, bus } of nodes.slice(1))
    await ask(portOf(0), ['CLUSTER', 'MEET', '127.0.0.1', server.port, bus]);
  await until('the nodes know each other', () =>
    all(nodes, async (port) => (await knownTo(port)) === nodes.length),
  );
  for (const n of [0, 1, 2]) {
    const master = String(await ask(portOf(n), ['CLUSTER', 'MYID']));
    await ask(portOf(n + 3), ['CLUSTER', 'REPLICATE', master]);
  }
  await until('all slots are served and each master has its replica', () =>
    all(nodes, async (port) => {
      const info = String(await ask(port, ['CLUSTER', 'INFO']));
      const isWhole = info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384');
      const own = await replicationOf(port);
      return (
        isWhole && (own['role'] === 'slave' ? own['master_link_status'] === 'up' : (await inStep(port)) === 1)
      );
    }),
  );
}

async function all(nodes: readonly Node[], holds: (port: number) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(nodes.map(({ server }) => holds(server.port)))).every(Boolean);
}

async function knownTo(port: number): Promise<number> {
  const rows = String(await ask(port, ['CLUSTER', 'NODES']))
    .trim()
    .split('\n');
  return rows.filter((row) => row.includes(' connected') && !/handshake|noaddr|fail/.test(row)).length;
}

type Acts = Pick<RedisGroup, 'masterPort' | 'failOver' | 'killMaster' | 'killReplicas' | 'restore'>;

function acting(servers: readonly RedisServer[]): Acts {
  const alive = (): readonly RedisServer[] => servers.filter((server) => !server.isOver());
  const server = (port: number): RedisServer | undefined => servers.find((one) => one.port === port);
  const shard = async (): Promise<readonly number[]> => shardOf(alive()[0]?.port ?? 0);
  const masterPort = async (): Promise<number> => (await shard())[0] ?? 0;
  const another = (before: number): Promise<void> =>
    until('another node has our slot', async () => {
      const told = await Promise.all(alive().map(async (one) => (await shardOf(one.port))[0]));
      const [now = before] = told;
      return told.every((port) => port === now && port !== before) && (await isServing(now));
    });
  return {
    masterPort,
    failOver: async () => {
      const [before = 0, replica = 0] = await shard();
      await ask(replica, ['CLUSTER', 'FAILOVER']);
      await another(before);
    },
    killMaster: async () => {
      const before = await masterPort();
      await server(before)?.kill();
      await another(before);
    },
    killReplicas: async () => {
      const [, ...replicas] = await shard();
      for (const port of replicas) await server(port)?.kill();
    },
    restore: async () => {
      await Promise.all(servers.filter((one) => one.isOver()).map((one) => one.restart()));
      await until('the replica of our slot is in step', async () => {
        const [master = 0, ...replicas] = await shard();
        return replicas.length === 1 && (await isServing(master)) && (await inStep(master)) === 1;
      });
    },
  };
}

/** The ports that hold our slot as the node on `port` sees it, the master first. */
async function shardOf(port: number): Promise<readonly number[]> {
  return (await shardsOf(port, aixopsSlot))[0] ?? [];
}

async function shardsOf(port: number, slot?: number): Promise<readonly (readonly number[])[]> {
  type Row = readonly [number, number, ...[string, number][]];
  const rows = (await ask(port, ['CLUSTER', 'SLOTS'])) as readonly Row[];
  const wanted = rows.filter(([from, to]) => slot === undefined || (from <= slot && slot <= to));
  return wanted.map(([, , ...nodes]) => nodes.map(([, node]) => node));
}

async function isServing(port: number): Promise<boolean> {
  const info = String(await ask(port, ['CLUSTER', 'INFO']));
  return info.includes('cluster_state:ok') && (await replicationOf(port))['role'] === 'master';
}
