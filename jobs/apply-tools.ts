import type { Change, JournalEntry } from '../src/approval/states.js';
import { redact } from '../src/core/redact.js';
import type { Step } from '../src/core/plan.js';
import { nodeOfStep } from '../src/core/plan-places.js';
import type { NodeTarget } from '../src/core/target.js';
import type { ApplyTools } from '../src/run/applied.js';
import { checksNow } from './check.js';
import { gatesNow } from './gates.js';
import { auditChange, tell } from './ending.js';
import type { Held } from './lease.js';
import type { Found } from './subject.js';
import type { Tools } from './tools.js';

/** A plan's target and nodes, as the inventory of this worker has them. */
export type Places = Extract<Found, { kind: 'found' }>;

/** What running a change's steps needs, under the lease that this worker holds. */
export function applyTools(change: Change, places: Places, held: Held, tools: Tools): ApplyTools {
  const { subject } = places;
  return {
    ssh: tools.ssh,
    node: (name) => nodeIn(places, name),
    hmc: (name) => tools.inventory.hmcs.get(name),
    clock: tools.clock,
    nonce: tools.newId,
    mustStop: held.mustStop,
    check: (checks) => checksNow(checks, subject, tools, held.signal),
    gates: (names) => gatesNow(names, change.plan, subject, tools, held.signal),
    announce: async (step) => {
      const detail = { step: step.id, ...whereTo(step), digest: change.digest };
      await auditChange('step.intended', change, detail, tools);
      const saying = announcement(step, change);
      if (saying !== null) await tell(change, saying, held, tools);
    },
    journal: async (entry) => {
      const after = await tools.changes.appendJournal(change.id, kept(entry), held.token);
      if (entry.kind === 'result') {
        const code = entry.outcome.kind === 'exited' ? entry.outcome.exitCode : null;
        await auditChange('step.ended', change, { step: entry.step, exitCode: code }, tools);
      }
      return after;
    },
  };
}

/** Throws for a node that the plan does not name: whoever asks has mixed up two plans. */
export function nodeIn({ nodes }: Places, name: string): NodeTarget {
  const node = nodes.get(name);
  if (node === undefined) throw new Error(`the plan names no node ${name}`);
  return node;
}

/** Where a cluster's plan runs a step; a node's plan says it by its target. */
function whereTo(step: Step): { readonly node?: string } {
  return 'node' in step && step.node !== undefined ? { node: step.node } : {};
}

/** null for what a waiting card says better. */
function announcement(step: Step, change: Change): string | null {
  if (step.kind === 'person' || step.kind === 'wait') return null;
  return `Running "${step.title}" on ${step.kind === 'hmc' ? step.hmc : nodeOfStep(step, change.plan)}.`;
}

/** Characters of one output that Redis keeps; the whole is on the node, in the run directory. */
const keptCharacters = 64 * 1024;

/** What the journal keeps of an entry: secrets of known shapes taken out, long output cut, and saying so. */
function kept(entry: JournalEntry): JournalEntry {
  const trim = (text: string): string => {
    const hidden = text.length - keptCharacters;
    return redact(
      hidden <= 0
        ? text
        : `${text.slice(0, keptCharacters)}\n… ${hidden} more characters are not kept here\n`,
    );
  };
  if (entry.kind === 'capture') return { ...entry, output: trim(entry.output) };
  if (entry.kind === 'look') return { ...entry, note: redact(entry.note) };
  if (entry.kind !== 'result' || entry.outcome.kind !== 'exited') return entry;
  const { stdout, stderr } = entry.outcome;
  return { ...entry, outcome: { ...entry.outcome, stdout: trim(stdout), stderr: trim(stderr) } };
}
