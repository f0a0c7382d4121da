/** Whether the Sentinels would get us another master, and what the replicas are like that it would be. */
import { Redis } from 'ioredis';
import { lookOptions } from './options.js';
import { addressOf, type HostAndPort, type RedisPlace } from './place.js';
import { frail, nodeProblems, type RedisProblem } from './node-problems.js';
import { loginWords } from './words.js';

/** So many Sentinels must be left to agree when the host of one has gone with the master. Source: redis.io, Sentinel. */
const enoughSentinels = 3;

/** Asks each Sentinel of the settings, and each replica that they know; looks only. */
export async function sentinelProblems(place: RedisPlace): Promise<RedisProblem[]> {
  if (place.form.kind !== 'sentinel') return [];
  const { name, nodes } = place.form;
  const seen = await Promise.all(nodes.map((node) => askSentinel(place, name, node)));
  const views = seen.flatMap(({ view }) => view ?? []);
  const problems = seen.flatMap(({ problem }) => (problem === null ? [] : [frail(problem)]));
  const [first] = views;
  if (first === undefined) return problems;
  const masters = new Set(views.map(({ master }) => master));
  if (masters.size > 1)
    problems.push(
      frail(
        `The Sentinels disagree on the master of ${name}: ${[...masters].join(', ')}. Look at each of them.`,
      ),
    );
  problems.push(...quorumProblems(name, first));
  const replicas = await Promise.all(first.replicas.map((replica) => replicaProblem(place, replica)));
  return [...problems, ...replicas.flat()];
}

interface View {
  /** Host and port. */
  readonly master: string;
  readonly sentinels: number;
  /** What it says of its quorum where that is not enough; null where it is. */
  readonly quorum: string | null;
  readonly replicas: readonly (HostAndPort & { readonly isDown: boolean })[];
}

type Asked = { readonly view: View | null; readonly problem: string | null };

async function askSentinel(place: RedisPlace, name: string, node: HostAndPort): Promise<Asked> {
  const where = addressOf(node.host, node.port);
  try {
    const view = await withServer(place, node, true, (redis) => viewOf(redis, name));
    return { view, problem: null };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const words = loginWords(place, `sentinel: ${said}`);
    if (words !== null) return { view: null, problem: `${where}: ${words}` };
    if (/no such master/i.test(said))
      return {
        view: null,
        problem: `The Sentinel at ${where} knows no master ${name}. Set redis.sentinel.name to what it monitors.`,
      };
    return {
      view: null,
      problem: `The Sentinel at ${where} did not answer (${said}). Start it, or take it out of redis.sentinel.nodes.`,
    };
  }
}

async function viewOf(redis: Redis, name: string): Promise<View> {
  const master = pairs(await redis.call('SENTINEL', 'MASTER', name));
  const rows = (await redis.call('SENTINEL', 'REPLICAS', name)) as unknown[];
  const quorum = await redis.call('SENTINEL', 'CKQUORUM', name).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return {
    master: addressOf(master.get('ip') ?? '', Number(master.get('port'))),
    sentinels: 1 + Number(master.get('num-other-sentinels') ?? 0),
    quorum,
    replicas: rows.map((row) => {
      const replica = pairs(row);
      const isDown = /down|disconnected/.test(replica.get('flags') ?? '');
      return { host: replica.get('ip') ?? '', port: Number(replica.get('port')), isDown };
    }),
  };
}

function quorumProblems(name: string, view: View): readonly RedisProblem[] {
  const { quorum, sentinels, replicas } = view;
  return [
    ...(quorum === null
      ? []
      : [frail(`The Sentinels could not agree on another master of ${name}: ${quorum}.`)]),
    ...(sentinels >= enoughSentinels
      ? []
      : [
          frail(
            `Only ${sentinels} of at least ${enoughSentinels} Sentinels watch ${name}: with fewer a lost host can mean that nothing takes over.`,
          ),
        ]),
    ...(replicas.length > 0
      ? []
      : [frail(`${name} has no replica: when its server fails nothing takes over.`)]),
  ];
}

async function replicaProblem(
  place: RedisPlace,
  replica: View['replicas'][number],
): Promise<readonly RedisProblem[]> {
  const who = `The Redis replica at ${addressOf(replica.host, replica.port)}`;
  if (replica.isDown)
    return [
      frail(`${who} is down or out of step. Start it, or take it away from the Sentinels (SENTINEL RESET).`),
    ];
  try {
    return await withServer(place, replica, false, (redis) => nodeProblems(redis, who));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return [frail(`${who} was not reached from here (${said}): after a fail-over we could not reach Redis.`)];
  }
}

async function withServer<T>(
  place: RedisPlace,
  node: HostAndPort,
  isSentinel: boolean,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis(lookOptions(place, node, isSentinel));
  let last: Error | null = null;
  redis.on('error', (error) => {
    last = error;
  });
  try {
    await redis.connect().catch((error: unknown) => {
      // The socket's own words say more than "Connection is closed".
      throw last ?? error;
    });
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

function pairs(flat: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (!Array.isArray(flat)) return found;
  for (let n = 0; n + 1 < flat.length; n += 2) found.set(String(flat[n]), String(flat[n + 1]));
  return found;
}
