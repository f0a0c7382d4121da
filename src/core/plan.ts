import type { ReadCommand, ChangeCommand } from './remote-command.js';

export type Risk = 'low' | 'medium' | 'high';

/** What happens in a plan, one after the other. */
export type Step = NodeStep | HmcStep | PersonStep | WaitStep;

interface StepBase {
  readonly id: string;
  readonly title: string;
  /** The whole step's limit. */
  readonly timeoutMs: number;
  /** These gates are read again, live, right before the step; a hit or an unreadable one ends the change unrun. */
  readonly gates?: readonly string[];
  /** What a person does to take the step back where the change ends without success; absent where nothing is left. */
  readonly undo?: string;
}

/**
 * Changes a node: run there as one detached script, in which `commands` run in order and `always` says that a command
 * runs even if one before it failed or ran into its limit.
 */
export interface NodeStep extends StepBase {
  readonly kind?: 'node';
  readonly effect: 'idempotent' | 'once' | 'irreversible';
  readonly commands: readonly StepCommand[];
  /** Inventory name of the node it runs on; absent: the plan's target. A cluster's plan names one in every step. */
  readonly node?: string;
}

/** Changes an HMC, whose restricted shell takes one plain command and keeps no files: a lost answer stays unknown. */
export interface HmcStep extends StepBase {
  readonly kind: 'hmc';
  readonly effect: 'idempotent' | 'once' | 'irreversible';
  /** Inventory name of the HMC. */
  readonly hmc: string;
  readonly command: ChangeCommand;
}

/** Something that only a person can do. The change waits for the button; then `check` is read before it goes on. */
export interface PersonStep extends StepBase {
  readonly kind: 'person';
  /** What to do, one line each, exactly. */
  readonly instructions: readonly string[];
  readonly check: readonly Check[];
}

/** Waits at least `atLeastMs`, looking every `everyMs`, until `until` holds; at `timeoutMs` the change fails. */
export interface WaitStep extends StepBase {
  readonly kind: 'wait';
  readonly atLeastMs: number;
  readonly everyMs: number;
  readonly until: readonly Check[];
}

/** One statement about a node or a cluster that its facts prove or not; what cannot be read proves nothing. */
export type Check = NodeCheck | ClusterCheck;

/** One statement about the node that a plan is for. */
export type NodeCheck =
  | { readonly kind: 'reached' }
  | {
      readonly kind: 'link-local' /** A certain address, or any fe80::/64. */;
      readonly address: string | null;
    }
  | { readonly kind: 'rmc-active' }
  | { readonly kind: 'node-id'; readonly nodeId: string; readonly places: 'all-three' }
  | { readonly kind: 'node-id-is-not'; readonly nodeId: string }
  | { readonly kind: 'rsct-level'; readonly minimum: string };

/** One statement about nodes of the cluster that a plan is for. Nodes are named as in the inventory. */
export type ClusterCheck =
  | { readonly kind: 'clcomd'; readonly node: string; readonly status: 'active' | 'inoperative' }
  | {
      /** Every ordered pair of `nodes`, each with itself included, and `also`: all tries of all rounds succeed. */
      readonly kind: 'clrsh-pairs';
      readonly nodes: readonly string[];
      readonly also?: readonly { readonly from: string; readonly to: string }[];
      readonly rounds: number;
    }
  | {
      /** Equal on all nodes, mode 600, of root; with this content where `file` is given. */
      readonly kind: 'rhosts';
      readonly nodes: readonly string[];
      readonly file: FileSum | null;
    }
  | { readonly kind: 'files'; readonly node: string; readonly files: readonly FileSum[] }
  | { readonly kind: 'cluster-manager'; readonly node: string; readonly state: string }
  | { readonly kind: 'resource-groups'; readonly groups: readonly string[] }
  | { readonly kind: 'caa-nodes-up'; readonly nodes: readonly string[] }
  | { readonly kind: 'certificates-later'; readonly than: readonly DatedCertificate[] };

/** A file's content as POSIX `cksum` sums it up. */
export interface FileSum {
  /** Absolute. */
  readonly path: string;
  readonly crc: number;
  readonly bytes: number;
}

/** Until when a certificate in a store of a node is valid; ISO 8601 UTC. */
export interface DatedCertificate {
  readonly node: string;
  readonly path: string;
  readonly label: string;
  readonly notAfter: string;
}

export interface StepCommand {
  readonly command: ChangeCommand;
  readonly always: boolean;
  /** Its exit status does not count: what matters is seen afterwards. Its output is kept all the same. */
  readonly mayFail?: boolean;
  /** Leave it out where none of its paths is installed, and say so in the step's output. */
  readonly onlyWhereInstalled?: boolean;
  /** If one of these texts stands in what the step has printed so far, the command failed, whatever it exited with. */
  readonly failsOnOutput?: readonly string[];
  /** Exactly these lines it must print, whatever it exits with; anything else counts as failed. */
  readonly mustPrint?: readonly string[];
  /** Given to it on standard input; without it there is none. */
  readonly stdin?: string;
  /** Wait until these SRC subsystems have stopped before going on (bounded, then go on all the same). */
  readonly waitUntilStopped?: { readonly subsystems: readonly string[]; readonly timeoutMs: number };
}

/** What is written down before the first step: command output kept in the run directory and in the journal. */
export interface Capture {
  readonly id: string;
  readonly title: string;
  readonly command: ReadCommand;
  /** Inventory name of the node it is read on; absent: the plan's target. */
  readonly node?: string;
}

/**
 * When a change counts as done. `rmc-active`: both sides agree, `reads` times in a row. `as-found`: the node reads as it
 * did before. `checks`: all of them hold, `reads` times in a row.
 */
export type Verify =
  | { readonly kind: 'rmc-active'; readonly reads: number }
  | { readonly kind: 'as-found'; readonly expected: readonly Expectation[] }
  | { readonly kind: 'checks'; readonly checks: readonly Check[]; readonly reads: number };

/** One statement about the node that was true before the change. */
export type Expectation =
  | { readonly kind: 'subsystem'; readonly name: string; readonly status: 'active' | 'inoperative' }
  | { readonly kind: 'tcp-657'; readonly listening: boolean };

export type Rollback =
  | {
      readonly kind: 'steps';
      readonly steps: readonly Step[];
      readonly verify: Verify;
      readonly note: string;
    }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * A change before it happens: literal commands, frozen and hashed. It holds no clock and no process id,
 * so that the same facts always give the same bytes.
 */
export interface Plan {
  readonly version: 1;
  readonly fix: string;
  readonly title: string;
  readonly risk: Risk;
  /** Inventory name of the node that the steps run on, or of the cluster whose nodes the steps name. */
  readonly target: string;
  /** The words behind the fix's name, e.g. `-n`; the plan is made from them again right before the run. */
  readonly args?: readonly string[];
  /** What the plan was made from, in words; part of the digest, so that other facts make another plan. */
  readonly basis: readonly string[];
  /** What is there now beside what is proposed, as lines to be read in columns; on the card as it stands here. */
  readonly comparison?: { readonly title: string; readonly lines: readonly string[] };
  readonly interrupts: string;
  readonly captures: readonly Capture[];
  readonly steps: readonly Step[];
  readonly verify: Verify;
  readonly rollback: Rollback;
  /** What people do where it ends without success, such as opening a support case; then what is known is put in a file. */
  readonly ifItFails?: string;
  /** Lock keys, sorted: `node:lpar1`, `cluster:erp`. */
  readonly locks: readonly string[];
}

/** What a fix answers when asked for a plan. */
export type Proposal =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'nothing-to-do'; readonly reason: string }
  | { readonly kind: 'refused'; readonly gate: string; readonly reason: string; readonly source: string };
