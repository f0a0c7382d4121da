/** One process of a replayed estate: takes its part over IPC, answers for it, and says what it cost. Ends with its parent. */
import { readFileSync } from 'node:fs';
import { answersOfHmc, answersOfNode, withCertificates } from './answers.js';
import type { FaultKind } from './faults.js';
import { ReplayServer, type Counts, type ReplayHost } from './replay-server.js';
import { namesOf, type Tape } from './tape.js';

/** What one process replays. */
export interface ReplayPart {
  readonly tapeFile: string;
  readonly port: number;
  readonly roundTripMs: number;
  readonly remoteMs: number;
  readonly hostKey: string;
  /** Base64 of the public key's wire bytes. */
  readonly clientKey: string;
  readonly lparsPerSystem: number;
  /** Systems whose nodes are here, with their HMC; both by number. */
  readonly systems: readonly { readonly index: number; readonly hmc: number }[];
  /** HMCs that are here, with the systems that each has, by number. */
  readonly hmcs: readonly { readonly index: number; readonly systems: readonly number[] }[];
  /** By address. */
  readonly faults: Readonly<Record<string, FaultKind>>;
  /** So many of the pool's certificates belong to each node, in the order of all nodes. */
  readonly certificates?: { readonly poolFile: string; readonly perNode: number };
}

/** What it has cost so far. CPU in milliseconds, memory in bytes. */
export interface ReplayCost {
  readonly counts: Counts;
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

export type ReplayOrder = { readonly kind: 'serve'; readonly part: ReplayPart } | { readonly kind: 'cost' };
export type ReplayWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'cost'; readonly cost: ReplayCost };

let server: ReplayServer | null = null;

function say(word: ReplayWord): void {
  process.send?.(word);
}

async function serve(part: ReplayPart): Promise<void> {
  const tape = JSON.parse(readFileSync(part.tapeFile, 'utf8')) as Tape;
  const pool = certificatesOf(part);
  const nodes = part.systems.flatMap(({ index, hmc }): ReplayHost[] => {
    const names = namesOf(index, hmc);
    return Array.from({ length: part.lparsPerSystem }, (_, at) => ({
      address: `${names.network}.${at + 1}`,
      fault: part.faults[`${names.network}.${at + 1}`] ?? null,
      answer: withCertificates(answersOfNode(tape, at + 1, names), pool(index * part.lparsPerSystem + at)),
    }));
  });
  const hmcs = part.hmcs.map(({ index, systems }): ReplayHost => {
    const names = systems.map((system) => namesOf(system, index));
    const address = names[0]?.hmcAddress ?? '';
    return { address, fault: part.faults[address] ?? null, answer: answersOfHmc(tape, names) };
  });
  server = new ReplayServer([...nodes, ...hmcs], {
    ...part,
    clientKey: Buffer.from(part.clientKey, 'base64'),
  });
  await server.open();
  say({ kind: 'ready' });
}

/** The certificates of the n-th node; none where every node has those of the tape. */
function certificatesOf({ certificates }: ReplayPart): (node: number) => readonly string[] {
  if (certificates === undefined) return () => [];
  const { poolFile, perNode } = certificates;
  const pool = JSON.parse(readFileSync(poolFile, 'utf8')) as readonly string[];
  return (node) => pool.slice(node * perNode, (node + 1) * perNode);
}

process.on('message', (order: ReplayOrder) => {
  if (order.kind === 'serve')
    serve(order.part).catch((error: unknown) => say({ kind: 'failed', message: String(error) }));
  else if (server !== null) {
    const { user, system } = process.cpuUsage();
    const cost = {
      counts: server.counts,
      cpuMs: (user + system) / 1000,
      memoryBytes: process.memoryUsage.rss(),
    };
    say({ kind: 'cost', cost });
  }
});
process.on('disconnect', () => process.exit(0));
