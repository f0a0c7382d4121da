import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClusterPlace } from './cluster.js';
import { placeCluster } from './cluster-node.js';
import type { EstateNode } from './estate.js';
import type { Manager } from './managers.js';
import { knobFiles, nodeIdOf, stateFiles, treeFiles } from './node-files.js';
import { linkPrograms } from './node-programs.js';
import type { Scenario } from './scenario.js';

/**
 * The folder that is a simulated AIX node: `usr`, `etc`, `var`, … as a client sees them, `state` (what the machine
 * is like, read and written by the commands in `bin/aix`) and `lab` (faults, settings, what ran).
 */
export interface NodePlace {
  readonly name: string;
  readonly root: string;
  readonly node: EstateNode;
  /** The cluster that it is a node of; null for none. */
  readonly cluster: ClusterPlace | null;
  readonly manager: Manager;
  /** Another HMC, which a scenario may have registered too or instead. */
  readonly foreign: Manager;
  readonly lab: string;
  readonly settleMs: number;
}

/** Puts the node into a scenario: its state is made anew, what clients left in its file tree stays. */
export function applyScenario(place: NodePlace, wanted: Scenario): void {
  const { root } = place;
  const scenario = place.cluster === null ? wanted : asClusterNode(wanted);
  // What a command of before has left running may write there at this moment: then it is tried again.
  for (const folder of ['state', 'lab/knobs', 'var/ct', 'etc/ct_node_id', 'var/log/cloud-init-output.log'])
    rmSync(join(root, folder), { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  for (const folder of ['src', 'rmc', 'lpar', 'hmc', 'other', 'errlog'])
    mkdirSync(join(root, 'state', folder), { recursive: true });
  for (const folder of ['hang', 'garbage', 'failing'])
    mkdirSync(join(root, 'lab/knobs', folder), { recursive: true });
  write(join(root, 'state'), stateFiles(place, scenario));
  write(join(root, 'lab/knobs'), knobFiles(scenario));
  write(root, treeFiles(place, scenario));
  linkPrograms(place, scenario);
  placeCluster(place, scenario);
  registerId(place, nodeIdOf(place, scenario));
}

/** A node of a cluster has a peer domain, CAA and PowerHA, whatever else the scenario says. */
function asClusterNode(scenario: Scenario): Scenario {
  return { ...scenario, clustered: true, products: [...new Set([...scenario.products, 'powerha' as const])] };
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
}

/** Keeps `ids/<id>/<node>` up to date, by which nodes that share an id find each other. */
export function registerId({ lab, name }: NodePlace, id: string): void {
  const ids = join(lab, 'ids');
  mkdirSync(ids, { recursive: true });
  for (const one of readdirSync(ids)) rmSync(join(ids, one, name), { force: true });
  if (id === '') return;
  mkdirSync(join(ids, id), { recursive: true });
  writeFileSync(join(ids, id, name), '');
}

/** What a node is like now, for tests. */
export interface NodeState {
  readonly subsystems: Readonly<Record<string, { group: string; pid: string; status: string }>>;
  readonly registered: boolean;
  readonly remoteClients: boolean;
  readonly link: string;
  /** What lsnodeid prints; null where there is none. */
  readonly nodeId: string | null;
  /** The CuAt stanza of cluster0; null where there is none. */
  readonly cluster0: string | null;
  readonly peerDomain: 'Online' | 'Offline' | null;
  /** Which boot image runs. */
  readonly image: 'original' | 'own';
}

/** Reads the state files. */
export function readNodeState(root: string): NodeState {
  const maybe = (file: string): string | null => {
    try {
      return readFileSync(join(root, file), 'utf8').trim() || null;
    } catch {
      return null;
    }
  };
  const read = (file: string) => readFileSync(join(root, 'state', file), 'utf8').trim();
  const entries = readdirSync(join(root, 'state/src')).map((file) => {
    const [name = '', group = '', pid = '', status = ''] = read(`src/${file}`).split('|');
    return [name, { group, pid, status }] as const;
  });
  return {
    subsystems: Object.fromEntries(entries),
    registered: read('rmc/registered') === 'yes',
    remoteClients: read('rmc/remote') === 'on',
    link: read('rmc/link'),
    nodeId: maybe('state/node-id'),
    cluster0: maybe('state/cuat-cluster0'),
    peerDomain: maybe('state/peer-domain-state') as NodeState['peerDomain'],
    image: maybe('lab/image') === 'own' ? 'own' : 'original',
  };
}
