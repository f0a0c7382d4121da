import { fork, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { newKeys, wire, type Keys } from '../keys.js';
import { spreadFaults, type FaultKind, type FaultRates } from './faults.js';
import type { ReplayCost, ReplayOrder, ReplayPart, ReplayWord } from './replay-process.js';
import { namesOf } from './tape.js';

/** An estate that answers from a tape. */
export interface ReplayOptions {
  readonly tapeFile: string;
  /** A folder of its own for inventory, keys and known_hosts. */
  readonly folder: string;
  readonly hmcs: number;
  readonly systems: number;
  readonly lparsPerSystem: number;
  readonly roundTripMs: number;
  /** From the end of a question to the start of its answer. */
  readonly remoteMs: number;
  /** Of the nodes; the HMCs are well. */
  readonly faults?: FaultRates;
  /** Other nodes fail for another number. */
  readonly faultTurn?: number;
  readonly processes?: number;
  /** Extra text for aixops.yaml. */
  readonly settings?: string;
  readonly certificates?: ReplayCertificates;
}

/** A rule of the inventory. */
export interface CertificatesOf {
  readonly nodes: string;
  readonly files: readonly string[];
  readonly owner: string;
}

/** Certificates of which every node has its own, although the tape has the same ones for each system. */
export interface ReplayCertificates {
  readonly rules: readonly CertificatesOf[];
  /** JSON: a list of PEM texts, one for each file of each node, in the order of the nodes. */
  readonly poolFile: string;
  readonly perNode: number;
}

export interface ReplayLab {
  readonly config: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly address: string;
    readonly fault: FaultKind | null;
  }[];
  readonly port: number;
  readonly roundTripMs: number;
  readonly identityFile: string;
  readonly knownHosts: string;
  /** What the whole lab has cost so far, over all its processes. */
  cost(): Promise<ReplayCost>;
  stop(): Promise<void>;
}

interface Node {
  readonly name: string;
  readonly address: string;
  readonly system: number;
  readonly lparId: number;
}

/** Starts the processes of a replayed estate and writes the settings that lead to it. */
export async function startReplay(options: ReplayOptions): Promise<ReplayLab> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  const [host, client] = [newKeys(), newKeys()];
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const nodes = nodesOf(options);
  const faults = spreadFaults(
    nodes.map(({ address }) => address),
    options.faults ?? {},
    options.faultTurn,
  );
  writeSettings(folder, options, { host, client, port, nodes });
  const children = partsOf(options, { host, client, port, faults }).map((part) => startPart(part));
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(({ child }) => ended(child)));
  };
  try {
    await Promise.all(children.map(({ ready }) => ready));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    config: folder,
    port,
    roundTripMs: options.roundTripMs,
    identityFile: join(folder, 'id_ed25519'),
    knownHosts: join(folder, 'known_hosts'),
    nodes: nodes.map(({ name, address }) => ({ name, address, fault: faults.get(address) ?? null })),
    cost: async () => summed(await Promise.all(children.map(({ child }) => costOf(child)))),
    stop,
  };
}

function nodesOf({ systems, hmcs, lparsPerSystem }: ReplayOptions): readonly Node[] {
  return Array.from({ length: systems }, (_, system) => namesOf(system, system % hmcs)).flatMap(
    (names, system) =>
      Array.from({ length: lparsPerSystem }, (_, at) => ({
        name: `${names.nodes}-${at + 1}`,
        address: `${names.network}.${at + 1}`,
        system,
        lparId: at + 1,
      })),
  );
}

interface Made {
  readonly host: Keys;
  readonly client: Keys;
  readonly port: number;
}

function partsOf(
  options: ReplayOptions,
  made: Made & { faults: ReadonlyMap<string, FaultKind> },
): readonly ReplayPart[] {
  const { systems, hmcs, lparsPerSystem, roundTripMs, remoteMs, tapeFile, processes = 1 } = options;
  const all = Array.from({ length: systems }, (_, index) => ({ index, hmc: index % hmcs }));
  const ofHmcs = Array.from({ length: hmcs }, (_, index) => ({
    index,
    systems: all.filter(({ hmc }) => hmc === index).map(({ index: system }) => system),
  }));
  return Array.from({ length: processes }, (_, process) => ({
    ...{ tapeFile: resolve(tapeFile), port: made.port, roundTripMs, remoteMs, lparsPerSystem },
    hostKey: made.host.private,
    clientKey: wire(made.client).toString('base64'),
    systems: all.filter(({ index }) => index % processes === process),
    hmcs: ofHmcs.filter(({ index }) => index % processes === process),
    faults: Object.fromEntries(made.faults),
    ...(options.certificates === undefined
      ? {}
      : {
          certificates: {
            poolFile: resolve(options.certificates.poolFile),
            perNode: options.certificates.perNode,
          },
        }),
  }));
}

function writeSettings(
  folder: string,
  options: ReplayOptions,
  made: Made & { nodes: readonly Node[] },
): void {
  const identity = join(folder, 'id_ed25519');
  writeFileSync(identity, made.client.private, { mode: 0o600 });
  chmodSync(identity, 0o600);
  const hmcAddresses = Array.from({ length: options.hmcs }, (_, hmc) => namesOf(hmc, hmc).hmcAddress);
  const addresses = [...made.nodes.map(({ address }) => address), ...hmcAddresses];
  const line = (address: string): string =>
    `[${address}]:${made.port} ${made.host.public.split(' ').slice(0, 2).join(' ')}\n`;
  writeFileSync(join(folder, 'known_hosts'), addresses.map(line).join(''));
  const inventory = {
    defaults: { user: 'root', port: made.port, identityFile: './id_ed25519', knownHosts: './known_hosts' },
    hmcs: Object.fromEntries(hmcAddresses.map((host, hmc) => [`hmc${hmc + 1}`, { host, user: 'hscroot' }])),
    systems: Object.fromEntries(
      Array.from({ length: options.systems }, (_, system) => [
        namesOf(system, 0).nodes,
        { hmc: `hmc${(system % options.hmcs) + 1}`, name: namesOf(system, 0).system },
      ]),
    ),
    nodes: Object.fromEntries(
      made.nodes.map(({ name, address, system, lparId }) => [
        name,
        { host: address, system: namesOf(system, 0).nodes, lparId },
      ]),
    ),
    ...(options.certificates === undefined ? {} : { certificates: options.certificates.rules }),
  };
  writeFileSync(join(folder, 'inventory.yaml'), stringify(inventory));
  writeFileSync(join(folder, 'aixops.yaml'), options.settings ?? '');
}

// Tests run from the sources, and a process of its own from what was built of them.
const beside = fileURLToPath(new URL('./replay-process.js', import.meta.url));
const program = existsSync(beside)
  ? beside
  : fileURLToPath(new URL('../../../dist/test/lab/replay/replay-process.js', import.meta.url));

function startPart(part: ReplayPart): { child: ChildProcess; ready: Promise<void> } {
  const child = fork(program, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`a process of the replayed estate exited ${String(code)}`)),
    );
    child.once('message', (word: ReplayWord) => {
      if (word.kind === 'ready') resolve();
      else
        reject(
          new Error(word.kind === 'failed' ? word.message : 'a process of the replayed estate is confused'),
        );
    });
  });
  ready.catch(() => undefined);
  child.send({ kind: 'serve', part } satisfies ReplayOrder);
  return { child, ready };
}

function costOf(child: ChildProcess): Promise<ReplayCost> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void =>
      reject(new Error(`a process of the replayed estate exited ${String(code)}`));
    child.once('exit', gone);
    child.once('message', (word: ReplayWord) => {
      child.off('exit', gone);
      if (word.kind === 'cost') resolve(word.cost);
    });
    child.send({ kind: 'cost' } satisfies ReplayOrder);
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
    else child.kill();
  });
}

function summed(costs: readonly ReplayCost[]): ReplayCost {
  const sum = (of: (cost: ReplayCost) => number): number => costs.reduce((so, cost) => so + of(cost), 0);
  return {
    cpuMs: sum(({ cpuMs }) => cpuMs),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    counts: {
      connections: sum(({ counts }) => counts.connections),
      open: sum(({ counts }) => counts.open),
      mostOpen: sum(({ counts }) => counts.mostOpen),
      logins: sum(({ counts }) => counts.logins),
      answers: sum(({ counts }) => counts.answers),
      unknown: costs.flatMap(({ counts }) => counts.unknown),
    },
  };
}
