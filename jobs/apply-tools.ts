import type { Change, JournalEntry } from '../src/approval/states.js';
import { redact } from '../src/core/redact.js';
import type { Step } from '../src/core/plan.js';
import { nodeOfStep } from '../src/core/plan-places.js';
import type { NodeTarget } from '../src/core/target.js';
import type { ApplyTools } from '../src/run/applied.js';
import type { Transport } from '../src/ssh/transport.js';
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
    ssh: sshFor(held, tools.ssh),
    node: (name) => nodeIn(places, name),
    hmc: (name) => tools.inventory.hmcs.get(name),
    clock: tools.clock,
    nonce: tools.newId,
    mustStop: held.mustStop,
    tracing: tools.tracing,
    check: (checks) => checksNow(checks, subject, tools, held.signal),
    gates: (names) => gatesNow(names, change.plan, subject, tools, held.signal),
    announce: async (step) => {
      const detail = { step: step.id, ...whereTo(step, places, tools) };
      await auditChange('step.intended', change, detail, tools);
      const saying = announcement(step, change);
      if (saying !== null) await tell(change, saying, held, tools);
    },
    journal: async (entry) => {
      const after = await tools.changes.appendJournal(change.id, kept(entry), held.token);
      if (entry.kind === 'result') {
        const step = change.plan.steps.find(({ id }) => id === entry.step);
        const where = step === undefined ? {} : whereTo(step, places, tools);
        const { kind: outcome } = entry.outcome;
        const exitCode = entry.outcome.kind === 'exited' ? entry.outcome.exitCode : null;
        await auditChange('step.ended', change, { step: entry.step, ...where, outcome, exitCode }, tools);
      }
      return after;
    },
  };
}

/** An HMC keeps nothing that another worker could read: its answer is waited for even while this process is being stopped. */
function sshFor(held: Held, ssh: Transport): Transport {
  return {
    read: (target, commands, signal) => ssh.read(target, commands, signal),
    script: (target, script, limitMs) => ssh.script(target, script, limitMs),
    change: (hmc, command, limitMs) => held.alone(() => ssh.change(hmc, command, limitMs)),
    notUnderstood: (command) => ssh.notUnderstood(command),
    identityOf: (target) => ssh.identityOf(target),
    close: () => ssh.close(),
  };
}

/** Throws for a node that the plan does not name: whoever asks has mixed up two plans. */
export function nodeIn({ nodes }: Places, name: string): NodeTarget {
  const node = nodes.get(name);
  if (node === undefined) throw new Error(`the plan names no node ${name}`);
  return node;
}

/** Where a step runs, as whom, and with what key; nothing of that for what a person does, and for waiting. */
function whereTo(step: Step, places: Places, tools: Tools): Readonly<Record<string, string | null>> {
  if (step.kind === 'person' || step.kind === 'wait') return { kind: step.kind };
  const name = step.kind === 'hmc' ? step.hmc : (step.node ?? [...places.nodes.keys()][0] ?? '');
  const target = step.kind === 'hmc' ? tools.inventory.hmcs.get(name) : places.nodes.get(name);
  if (target === undefined) return { node: name };
  return { node: name, login: target.endpoint.user, identity: tools.ssh.identityOf(target) };
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
