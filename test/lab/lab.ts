import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inventoryYaml, writeConfigFiles } from './config-files.js';
import type { Address, ConfigFiles } from './config-files.js';
import { Endpoint } from './endpoint.js';
import type { SshMode } from './endpoint.js';
import { loadEstate } from './estate.js';
import type { Estate } from './estate.js';
import { buildHmcRoot } from './hmc-root.js';
import type { Lab, LabCluster, LabEndpoint, LabNode, LabOptions } from './lab-types.js';
import { newKeys, wire } from './keys.js';
import { placeOf, prepareFolder, readRan, rootOf, systemsOf } from './lab-folder.js';
import { boot, configureLinkLocal, startScenario } from './node-boot.js';
import { buildNodeRoot } from './node-root.js';
import { readNodeState } from './node-state.js';
import type { NodePlace } from './node-state.js';
import { endNodeProcesses, endProcesses } from './processes.js';
import { loadScenario, scenarioOf } from './scenario.js';
import type { Scenario } from './scenario.js';
import { changesSince, takeSnapshot } from './snapshot.js';

export type { EstateDefinition } from './estate.js';
export type { NodeState } from './node-state.js';
export type { Scenario, ScenarioChange } from './scenario.js';
export type { ConfigFiles } from './config-files.js';
export type { NodeSnapshot } from './snapshot.js';
export type { Lab, LabCluster, LabEndpoint, LabNode, LabOptions } from './lab-types.js';

interface Member {
  readonly root: string;
  readonly endpoint: Endpoint;
  readonly hostKey: string;
  /** null for an HMC. */
  readonly place: NodePlace | null;
}

/** Starts an SSH server for every node and HMC of an estate. Throws if a port is taken or the folder is not ours. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const estate = loadEstate(options.estate);
  const folder = prepareFolder(options.folder);
  const client = newKeys();
  const members = new Map<string, Member>();
  const addMember = (
    name: string,
    user: string,
    at: { address: string; port: number },
    place: NodePlace | null,
  ) => {
    const root = rootOf(folder, place === null ? 'hmcs' : 'nodes', name);
    const [right, other] = [newKeys(), newKeys()];
    const keys = { hostKey: right.private, otherHostKey: other.private, clientKey: wire(client) };
    const log = options.log ?? (() => undefined);
    const endpoint = new Endpoint({
      ...{ name, root, user, address: at.address, port: at.port, log },
      ...keys,
      ...(options.onRan === undefined ? {} : { onRan: options.onRan }),
    });
    members.set(name, { root, endpoint, hostKey: right.public, place });
  };
  for (const [name, hmc] of Object.entries(estate.hmcs)) {
    buildHmcRoot({
      name,
      root: rootOf(folder, 'hmcs', name),
      hmc,
      lab: folder,
      systems: systemsOf(estate, folder, name),
    });
    addMember(name, hmc.user, hmc, null);
  }
  for (const [name, node] of Object.entries(estate.nodes)) {
    const place = placeOf(estate, folder, name, options.settleMs ?? 1500);
    buildNodeRoot(place);
    addMember(name, node.user, node, place);
  }
  const lab = new RunningLab(folder, estate, client.private, members);
  try {
    for (const { endpoint } of members.values()) await endpoint.open();
    for (const [name, node] of Object.entries(estate.nodes)) await lab.node(name).setScenario(node.scenario);
  } catch (error) {
    await lab.stop();
    throw error;
  }
  return lab;
}

class RunningLab implements Lab {
  readonly nodes: readonly string[];
  readonly hmcs: readonly string[];
  readonly clusters: readonly string[];

  constructor(
    readonly folder: string,
    private readonly estate: Estate,
    private readonly identity: string,
    private readonly members: ReadonlyMap<string, Member>,
  ) {
    this.nodes = Object.keys(estate.nodes);
    this.hmcs = Object.keys(estate.hmcs);
    this.clusters = Object.keys(estate.clusters);
  }

  node(name: string): LabNode {
    const { root, endpoint, place } = this.member(name);
    if (place === null) throw new Error(`${name} is an HMC`);
    return {
      ...handle(root, endpoint),
      state: () => readNodeState(root),
      setScenario: async (wanted) => {
        const scenario = typeof wanted === 'string' ? loadScenario(wanted) : scenarioOf(wanted);
        startScenario(place, scenario);
        endpoint.disconnects = scenario.disconnects;
        await endpoint.setMode(modeOf(scenario));
      },
      powerOff: () => switchOff(root, endpoint),
      bootImage: async (image, options) => {
        await switchOff(root, endpoint);
        boot(place, image);
        writeFileSync(join(root, 'state/lpar/state'), 'Running\n');
        await endpoint.setMode(options?.hostKey === 'other' ? 'other-key' : 'normal');
      },
      configureLinkLocal: (address) => configureLinkLocal(place, address),
    };
  }

  hmc(name: string): LabEndpoint {
    const { root, endpoint } = this.member(name);
    return handle(root, endpoint);
  }

  cluster(name: string): LabCluster {
    const nodes = this.estate.clusters[name]?.nodes;
    if (nodes === undefined) throw new Error(`the lab has no cluster ${name}`);
    return {
      nodes,
      setScenario: async (scenario) => {
        for (const node of nodes) await this.node(node).setScenario(scenario);
      },
    };
  }

  connections(): number {
    return [...this.members.values()].reduce((sum, { endpoint }) => sum + endpoint.connections, 0);
  }

  inventoryYaml(): string {
    return inventoryYaml(this.configInput(), { identityFile: './id_ed25519', knownHosts: './known_hosts' });
  }

  writeConfig(folder: string): Promise<ConfigFiles> {
    return Promise.resolve(writeConfigFiles(this.configInput(), folder));
  }

  async stop(options: { readonly remove?: boolean } = {}): Promise<void> {
    const endpoints = [...this.members.values()].map(({ endpoint }) => endpoint);
    await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    await endProcesses(this.folder, new Set(endpoints.flatMap((endpoint) => [...endpoint.groups])));
    if (options.remove === true) rmSync(this.folder, { recursive: true, force: true });
  }

  private member(name: string): Member {
    const member = this.members.get(name);
    if (member === undefined) throw new Error(`the lab has no ${name}`);
    return member;
  }

  private configInput() {
    const addresses = new Map<string, Address>();
    for (const [name, { endpoint, hostKey }] of this.members) {
      addresses.set(name, { host: endpoint.host, port: endpoint.port, hostKey });
    }
    return { estate: this.estate, addresses, identity: this.identity };
  }
}

function handle(root: string, endpoint: Endpoint): LabEndpoint {
  return {
    root,
    host: endpoint.host,
    port: endpoint.port,
    connections: () => endpoint.connections,
    ran: (program) => Promise.resolve(readRan(root, program)),
    drop: () => endpoint.drop(),
    setSsh: (mode) => endpoint.setMode(mode),
    snapshot: () => takeSnapshot(root),
    changesSince: (before) => changesSince(root, before),
  };
}

async function switchOff(root: string, endpoint: Endpoint): Promise<void> {
  await endpoint.setMode('closed');
  endNodeProcesses(root);
  writeFileSync(join(root, 'state/lpar/state'), 'Not Activated\n');
  writeFileSync(join(root, 'state/rmc/link'), 'O\n');
}

function modeOf(scenario: Scenario): SshMode {
  // An LPAR that does not run answers nobody. (On a real network the attempt would time out.)
  const isAix = scenario.lparEnv !== 'os400' && scenario.lparState === 'Running';
  return isAix ? scenario.ssh : 'closed';
}
