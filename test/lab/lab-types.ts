import type { ConfigFiles } from './config-files.js';
import type { Ran, SshMode } from './endpoint.js';
import type { EstateDefinition } from './estate.js';
import type { Image } from './node-boot.js';
import type { NodeState } from './node-state.js';
import type { ScenarioChange } from './scenario.js';
import type { NodeSnapshot } from './snapshot.js';

export interface LabOptions {
  /** A definition, the path of a JSON file, or the name of one in `estate/`. */
  readonly estate: string | EstateDefinition;
  /** The lab's own folder: made where it does not exist, emptied where it is a lab's. */
  readonly folder: string;
  /** From the start of RMC to a heartbeat that is up. */
  readonly settleMs?: number;
  readonly log?: (text: string) => void;
  /** Told of each command that has ended, with all that went in and out. */
  readonly onRan?: (name: string, ran: Ran) => void;
}

/** One simulated node or HMC. */
export interface LabEndpoint {
  readonly root: string;
  readonly host: string;
  readonly port: number;
  /** Accepted TCP connections since the start. */
  connections(): number;
  /** The commands of the lab that ran, oldest first, as `rmcctrl -z`; with a program's name only those. */
  ran(program?: string): Promise<string[]>;
  /** Drops the open connections once. */
  drop(): void;
  /** Changes how the SSH server fails; what is behind it stays. */
  setSsh(mode: SshMode): Promise<void>;
  /** What is there now, to be compared later by `changesSince`. */
  snapshot(): NodeSnapshot;
  /** Changed files and changing commands that ran since; empty where everything that ran only read. */
  changesSince(before: NodeSnapshot): string[];
}

export interface LabNode extends LabEndpoint {
  /** By name (a file in `scenarios/`) or by value. The state is made anew; files that clients made stay. */
  setScenario(scenario: string | ScenarioChange): Promise<void>;
  state(): NodeState;
  /** Switches the node off: its processes end, nobody can log in. */
  powerOff(): Promise<void>;
  /**
   * Boots an image (powervs: either; others: `original`). Each has a disk of its own: files, run directories, node id
   * and interfaces are those of that image as it was left. The first boot of `own` finds it freshly installed, with
   * another node id and no link-local address. `hostKey: other` gives it another SSH host key, as two disks have.
   */
  bootImage(image: Image, options?: { readonly hostKey?: 'same' | 'other' }): Promise<void>;
  /** What a person does with smitty: en1 gets the injected link-local address, or another; null takes it away. */
  configureLinkLocal(address?: string | null): void;
}

/** The nodes of a PowerHA cluster together. */
export interface LabCluster {
  /** In the order of the estate: their numbers in the cluster begin with 1. */
  readonly nodes: readonly string[];
  /** Puts all of them into a scenario; what only one of them has is set on that node afterwards. */
  setScenario(scenario: string | ScenarioChange): Promise<void>;
}

/** A running lab. */
export interface Lab {
  readonly folder: string;
  /** Names of the nodes, of the HMCs and of the clusters. */
  readonly nodes: readonly string[];
  readonly hmcs: readonly string[];
  readonly clusters: readonly string[];
  node(name: string): LabNode;
  hmc(name: string): LabEndpoint;
  cluster(name: string): LabCluster;
  /** Accepted TCP connections of all endpoints together. */
  connections(): number;
  /** The inventory as YAML, with identity and known_hosts beside it (`./`). */
  inventoryYaml(): string;
  /** Writes inventory.yaml, known_hosts and id_ed25519. */
  writeConfig(folder: string): Promise<ConfigFiles>;
  /** Closes every server and ends every process of the lab; `remove` also deletes the folder. */
  stop(options?: { readonly remove?: boolean }): Promise<void>;
}
