import type { Estate } from './estate.js';

/** What manages a node in RMC, as the node's IBM.MCP shows it. */
export interface Manager {
  readonly name: string;
  readonly address: string;
  /** `type-model*serial` of the manager itself. */
  readonly machine: string;
  /** 16 hex digits. */
  readonly nodeId: string;
}

/** IBM's side of Power Virtual Server: reached over IPv6 link-local only. Every value is invented. */
const serviceHost: Manager = {
  name: 'pvm-host-07',
  address: 'fe80::f816:3eff:fe00:7001',
  machine: '9009-22A*78000B7',
  nodeId: '7e11a0c35d0f4b92',
};

/** An HMC of days gone by, for estates that have only one. */
const retired: Manager = {
  name: 'hmc-old',
  address: '127.0.1.250',
  machine: '7042-CR9*78000F9',
  nodeId: '6b2f1d8e4ca30957',
};

/** The manager of a node; throws if the estate does not have one. */
export function managerOf(estate: Estate, node: string): Manager {
  const { system, platform } = estate.nodes[node] ?? {};
  if (platform === 'powervs') return serviceHost;
  const name = estate.systems[system ?? '']?.hmc ?? '';
  const hmc = estate.hmcs[name];
  if (hmc === undefined) throw new Error(`the estate has no node ${node}`);
  return { name, address: hmc.address, machine: hmc.machine, nodeId: hmc.nodeId };
}

/** Another HMC than the one that manages the node: one of the estate's, or a retired one. */
export function foreignManager(estate: Estate, node: string): Manager {
  const own = managerOf(estate, node);
  const other = Object.entries(estate.hmcs).find(([name]) => name !== own.name);
  if (other === undefined) return retired;
  const [name, { address, machine, nodeId }] = other;
  return { name, address, machine, nodeId };
}
