import type { Change, JournalEntry } from '../src/approval/states.js';
import { redact } from '../src/core/redact.js';
import type { Step } from '../src/core/plan.js';
import type { NodeTarget } from '../src/core/target.js';
import type { ApplyTools } from '../src/run/applied.js';
import { checksNow } from './check.js';
import { gatesNow } from './gates.js';
import { auditChange, tell } from './ending.js';
import type { Held } from './lease.js';
import type { Tools } from './tools.js';

/** What running a change's steps needs, under the lease that this worker holds. */
export function applyTools(change: Change, node: NodeTarget, held: Held, tools: Tools): ApplyTools {
  return {
    ssh: tools.ssh,
    hmc: (name) => tools.inventory.hmcs.get(name),
    clock: tools.clock,
    nonce: tools.newId,
    mustStop: held.mustStop,
    check: (checks) => checksNow(checks, node, tools, held.signal),
    gates: (names) => gatesNow(names, node, tools, held.signal),
    announce: async (step) => {
      await auditChange('step.intended', change, { step: step.id, digest: change.digest }, tools);
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

/** null for what a waiting card says better. */
function announcement(step: Step, change: Change): string | null {
  if (step.kind === 'person' || step.kind === 'wait') return null;
  return `Running "${step.title}" on ${step.kind === 'hmc' ? step.hmc : change.plan.target}.`;
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
