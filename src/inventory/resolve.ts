import { isAbsolute, join, resolve } from 'node:path/posix';
import { didYouMean } from '../core/did-you-mean.js';
import type { ClusterTarget, Endpoint, HmcTarget, ManagedSystem, NodeTarget } from '../core/target.js';
import { certificateRules } from './certificate-rules.js';
import type { Inventory } from './inventory.js';
import type { InventoryFile } from './schema.js';

/** Where relative paths and `~` lead. */
export interface Places {
  /** The folder that the inventory file is in. */
  readonly folder: string;
  readonly home: string;
}

/** Something that names do not add up to; `path` leads to the key. */
export interface Mismatch {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

/** The inventory with every name followed; what cannot be followed is in `mismatches`, all of it. */
export function resolveInventory(
  file: InventoryFile,
  places: Places,
): { readonly inventory: Inventory; readonly mismatches: readonly Mismatch[] } {
  const mismatches: Mismatch[] = [...repeatedNames(file), ...contradictions(file)];
  const logins = new Logins(file, places, mismatches);
  const hmcs = mapOf(
    file.hmcs,
    (name, hmc): HmcTarget => ({ kind: 'hmc', name, endpoint: logins.hmc(name, hmc) }),
  );
  const systems = new Map<string, ManagedSystem>();
  for (const [name, system] of Object.entries(file.systems)) {
    const hmc = found(hmcs, system.hmc, ['systems', name, 'hmc'], 'hmcs', mismatches);
    if (hmc !== undefined) systems.set(name, { name, hmcName: system.name, hmc });
  }
  const clusterOf = clusterByNode(file, mismatches);
  const nodes = mapOf(file.nodes, (name, node): NodeTarget => {
    // A system that is there but whose own HMC is not was told already.
    const declared = node.system !== undefined && Object.hasOwn(file.systems, node.system);
    const system =
      node.system === undefined || (declared && !systems.has(node.system))
        ? undefined
        : found(systems, node.system, ['nodes', name, 'system'], 'systems', mismatches);
    return {
      kind: 'node',
      name,
      endpoint: logins.node(name, node),
      platform: node.platform,
      system: system ?? null,
      lparId: node.lparId ?? null,
      cluster: clusterOf.get(name) ?? null,
      tags: node.tags,
      owner: node.owner ?? null,
    };
  });
  const bare: Inventory = { nodes, hmcs, systems, clusters: clustersOf(file, nodes) };
  const rules = certificateRules(file, bare, mismatches);
  const withRules = new Map(
    [...nodes].map(([name, node]) => {
      const own = rules.get(name);
      return [name, own === undefined ? node : { ...node, certificates: own }];
    }),
  );
  const inventory = { ...bare, nodes: withRules, clusters: clustersOf(file, withRules) };
  return { inventory, mismatches };
}

function mapOf<A, B>(from: Readonly<Record<string, A>>, make: (name: string, value: A) => B): Map<string, B> {
  return new Map(Object.entries(from).map(([name, value]) => [name, make(name, value)]));
}

function found<T>(
  map: ReadonlyMap<string, T>,
  name: string,
  path: readonly (string | number)[],
  section: string,
  mismatches: Mismatch[],
): T | undefined {
  const value = map.get(name);
  if (value === undefined) mismatches.push({ path, problem: noSuchName(name, section, [...map.keys()]) });
  return value;
}

function noSuchName(name: string, section: string, candidates: readonly string[]): string {
  const meant = didYouMean(name, candidates);
  return `There is no "${name}" under ${section}.${meant === null ? '' : ` Did you mean ${meant}?`}`;
}

/** People type names without saying what they are, so one name means one thing. */
function repeatedNames(file: InventoryFile): readonly Mismatch[] {
  const first = new Map<string, string>();
  const mismatches: Mismatch[] = [];
  for (const section of ['hmcs', 'systems', 'nodes', 'clusters'] as const) {
    for (const name of Object.keys(file[section])) {
      const before = first.get(name);
      if (before === undefined) first.set(name, section);
      else
        mismatches.push({
          path: [section, name],
          problem: `The name "${name}" is already used under ${before}.`,
        });
    }
  }
  return mismatches;
}

function contradictions(file: InventoryFile): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  const seen = new Map<string, string>();
  for (const [name, node] of Object.entries(file.nodes)) {
    if (node.platform === 'powervs' && node.system !== undefined) {
      mismatches.push({
        path: ['nodes', name, 'system'],
        problem: 'A powervs node has no managed system of ours.',
      });
    }
    if (node.system === undefined || node.lparId === undefined) continue;
    const place = `${node.system} ${node.lparId}`;
    const other = seen.get(place);
    if (other === undefined) seen.set(place, name);
    else
      mismatches.push({
        path: ['nodes', name, 'lparId'],
        problem: `${other} is LPAR ${node.lparId} of ${node.system} already.`,
      });
  }
  return mismatches;
}

/** What a cluster's certificate tool is called where the inventory does not say: a community article names it, IBM does not. */
const usualCertificateTool = '/usr/es/sbin/cluster/utilities/clrexec_cert_setup';

function clustersOf(
  file: InventoryFile,
  nodes: ReadonlyMap<string, NodeTarget>,
): ReadonlyMap<string, ClusterTarget> {
  return mapOf(file.clusters, (name, { nodes: members, certificates, certificateTool }) => ({
    kind: 'cluster',
    name,
    nodes: members.flatMap((member) => nodes.get(member) ?? []),
    certificates,
    certificateTool: certificateTool ?? usualCertificateTool,
  }));
}

function clusterByNode(file: InventoryFile, mismatches: Mismatch[]): ReadonlyMap<string, string> {
  const clusterOf = new Map<string, string>();
  for (const [name, cluster] of Object.entries(file.clusters)) {
    for (const [index, node] of cluster.nodes.entries()) {
      const path = ['clusters', name, 'nodes', index];
      const other = clusterOf.get(node);
      if (!Object.hasOwn(file.nodes, node)) {
        mismatches.push({ path, problem: noSuchName(node, 'nodes', Object.keys(file.nodes)) });
      } else if (other !== undefined) {
        mismatches.push({ path, problem: `${node} is in cluster ${other} already.` });
      } else clusterOf.set(node, name);
    }
  }
  return clusterOf;
}

type Login = Partial<Pick<Endpoint, 'user' | 'port' | 'agent' | 'algorithms'>> & {
  readonly host: string;
  readonly identityFile?: string | undefined;
  readonly knownHosts?: string | undefined;
  readonly jump?: string | undefined;
};

/** Makes endpoints out of what an entry says itself and what `defaults` says for it. */
class Logins {
  readonly #file: InventoryFile;
  readonly #places: Places;
  readonly #mismatches: Mismatch[];

  constructor(file: InventoryFile, places: Places, mismatches: Mismatch[]) {
    this.#file = file;
    this.#places = places;
    this.#mismatches = mismatches;
  }

  /** `defaults.user` is a login of nodes; nobody is `root` on an HMC. */
  hmc(name: string, hmc: Login): Endpoint {
    return this.#endpoint(name, { ...hmc, user: hmc.user ?? 'hscroot' }, ['hmcs', name, 'jump']);
  }

  node(name: string, node: Login & { readonly become?: 'sudo' | undefined }): Endpoint {
    const become = node.become ?? this.#file.defaults.become ?? null;
    return { ...this.#endpoint(name, node, ['nodes', name, 'jump']), become };
  }

  #endpoint(name: string, login: Login, jumpPath: readonly string[]): Endpoint {
    const { defaults } = this.#file;
    const identityFile = login.identityFile ?? defaults.identityFile ?? null;
    return {
      name,
      host: login.host,
      port: login.port ?? defaults.port ?? 22,
      user: login.user ?? defaults.user ?? 'root',
      identityFile: identityFile === null ? null : this.#path(identityFile),
      // Without a key file there is nothing but the agent to log in with.
      agent: login.agent ?? defaults.agent ?? identityFile === null,
      knownHosts: this.#path(login.knownHosts ?? defaults.knownHosts ?? './known_hosts'),
      become: null,
      algorithms: login.algorithms ?? defaults.algorithms ?? 'modern',
      jump: login.jump === undefined ? null : this.#bastion(login.jump, jumpPath),
    };
  }

  #bastion(name: string, path: readonly string[]): Endpoint | null {
    const bastion = Object.hasOwn(this.#file.bastions, name) ? this.#file.bastions[name] : undefined;
    if (bastion !== undefined) return this.#endpoint(name, bastion, path);
    this.#mismatches.push({ path, problem: noSuchName(name, 'bastions', Object.keys(this.#file.bastions)) });
    return null;
  }

  #path(path: string): string {
    if (path === '~' || path.startsWith('~/')) return join(this.#places.home, path.slice(1));
    return isAbsolute(path) ? path : resolve(this.#places.folder, path);
  }
}
