import type { ReadCommand, ChangeCommand } from './remote-command.js';

export type Risk = 'low' | 'medium' | 'high';

/**
 * One changing step of a plan. It is run on the node as one detached script, in which `commands` run in order and
 * `always` says that a command runs even if one before it failed or ran into its limit.
 */
export interface Step {
  readonly id: string;
  readonly title: string;
  readonly effect: 'idempotent' | 'once' | 'irreversible';
  readonly commands: readonly StepCommand[];
  /** The whole step's limit on the node. */
  readonly timeoutMs: number;
}

export interface StepCommand {
  readonly command: ChangeCommand;
  readonly always: boolean;
  /** Its exit status does not count: what matters is seen afterwards. Its output is kept all the same. */
  readonly mayFail?: boolean;
  /** Wait until these SRC subsystems have stopped before going on (bounded, then go on all the same). */
  readonly waitUntilStopped?: { readonly subsystems: readonly string[]; readonly timeoutMs: number };
}

/** What is written down before the first step: command output kept in the run directory and in the journal. */
export interface Capture {
  readonly id: string;
  readonly title: string;
  readonly command: ReadCommand;
}

/** When a change counts as done. `rmc-active`: both sides agree, twice. `as-found`: the node reads as it did before. */
export type Verify =
  | { readonly kind: 'rmc-active'; readonly reads: number }
  | { readonly kind: 'as-found'; readonly expected: readonly Expectation[] };

/** One statement about the node that was true before the change. */
export type Expectation =
  | { readonly kind: 'subsystem'; readonly name: string; readonly status: 'active' | 'inoperative' }
  | { readonly kind: 'tcp-657'; readonly listening: boolean };

export type Rollback =
  | { readonly kind: 'steps'; readonly steps: readonly Step[]; readonly verify: Verify; readonly note: string }
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
  /** Inventory name of the node that the steps run on. */
  readonly target: string;
  /** What the plan was made from, in words; part of the digest, so that other facts make another plan. */
  readonly basis: readonly string[];
  readonly interrupts: string;
  readonly captures: readonly Capture[];
  readonly steps: readonly Step[];
  readonly verify: Verify;
  readonly rollback: Rollback;
  /** Lock keys, sorted: `node:lpar1`, `cluster:erp`. */
  readonly locks: readonly string[];
}

/** What a fix answers when asked for a plan. */
export type Proposal =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'nothing-to-do'; readonly reason: string }
  | { readonly kind: 'refused'; readonly gate: string; readonly reason: string; readonly source: string };
