import { isNodeStep } from '../../approval/journal.js';
import type { Change } from '../../approval/states.js';
import type { Attachment } from '../../core/message.js';
import type { Capture, Expectation, Plan, Step, Verify } from '../../core/plan.js';
import { isForCluster, nodeOfStep } from '../../core/plan-places.js';
import { renderCommand } from '../../core/remote-command.js';
import { checksWords, effectWords, stepCommands } from './step-text.js';
import { plural, visible } from './text.js';
import { duration, utc } from './time.js';

/** The first digits of a plan's digest: what approvers compare. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}

/** How a change is proven, in words. */
export function verifyWords(verify: Verify): string {
  if (verify.kind === 'rmc-active')
    return `LPAR and HMC (where it is ours to read) both show RMC up, ${times(verify.reads)}. An exit status alone does not count.`;
  if (verify.kind === 'checks')
    return `All of this holds, ${times(verify.reads)}: ${checksWords(verify.checks)}. An exit status alone does not count.`;
  return `It reads as found before: ${verify.expected.map(expectationWords).join('; ')}.`;
}

function times(reads: number): string {
  return reads === 1 ? 'once' : reads === 2 ? 'twice in a row' : `${reads} times in a row`;
}

function expectationWords(expectation: Expectation): string {
  if (expectation.kind === 'subsystem') return `${expectation.name} is ${expectation.status}`;
  return `TCP 657 is ${expectation.listening ? '' : 'not '}listening`;
}

/** The whole plan as lines of text, nothing left out: what the digest stands for, in words and literal commands. */
export function planLines(plan: Plan, digest: string): readonly string[] {
  return [
    plan.title,
    '',
    ...table([
      ['Fix', [plan.fix, ...(plan.args ?? [])].join(' ')],
      [isForCluster(plan) ? 'Cluster' : 'Node', plan.target],
      ['Risk', plan.risk],
      ['SHA-256', digest],
    ]),
    ...part(
      'Made from',
      plan.basis.map((fact) => `- ${fact}`),
    ),
    ...(plan.comparison === undefined ? [] : part(plan.comparison.title, plan.comparison.lines)),
    ...part('Interrupts', [plan.interrupts]),
    ...part('Saved first', plan.captures.flatMap(captureLines)),
    ...part(`Runs on ${plan.target}`, stepsLines(plan.steps, plan)),
    ...part('Counts as done when', [verifyWords(plan.verify)]),
    ...part('Undone by', rollbackLines(plan)),
    ...(plan.ifItFails === undefined ? [] : part('If it fails', [plan.ifItFails])),
    ...part('Locked meanwhile', [plan.locks.join(', ') || 'nothing']),
  ];
}

/** The whole plan of a change as a file for its thread. */
export function planFile(change: Change): Attachment {
  const lines = [
    ...table([
      ['Change', change.id],
      ...(change.rollbackOf === null ? [] : [['Undoes', change.rollbackOf] as const]),
      ['Asked by', change.requester],
      ['Proposed', utc(change.createdAt)],
      ['Expires', utc(change.expiresAt)],
      ['Approvals', `${change.approvalsNeeded} needed, not by who asked`],
    ]),
    '',
    ...planLines(change.plan, change.digest),
  ];
  // Names come from an inventory and nodes: made visible, never shortened.
  const content = `${visible(lines.join('\n'))}\n`;
  return {
    filename: `${fileWord(change.id)}-plan.txt`,
    title: `Plan of change ${fileWord(change.id)}`,
    content,
  };
}

function part(heading: string, lines: readonly string[]): readonly string[] {
  return ['', heading, ...(lines.length === 0 ? ['nothing'] : lines).map((line) => indent(line))];
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  return rows.map(([name, value]) => `${name.padEnd(10)} ${value}`);
}

function captureLines(capture: Capture): readonly string[] {
  const where = capture.node === undefined ? '' : ` on ${capture.node}`;
  return [`${capture.title}${where}:`, `  ${renderCommand(capture.command)}`];
}

function stepsLines(steps: readonly Step[], plan: Plan): readonly string[] {
  return steps.flatMap((step, i) => [
    `Step ${i + 1} of ${steps.length}: ${step.title}${isForCluster(plan) && isNodeStep(step) ? ` — on ${nodeOfStep(step, plan)}` : ''}`,
    `  (${effectWords(step)}${limitWords(step)})`,
    indent(stepCommands(step)),
    ...aboutStep(step).map(indent),
  ]);
}

/** What else belongs to a step: the gates that are read right before it, and what a person does to take it back. */
function aboutStep(step: Step): readonly string[] {
  const gates = step.gates ?? [];
  return [
    ...(gates.length === 0
      ? []
      : [`# read again right before it, and nothing runs if one is shut: gates ${gates.join(', ')}`]),
    ...(step.undo === undefined ? [] : [`# if the change ends after it without success: ${step.undo}`]),
  ];
}

/** A person has all the time that it takes; a wait has said its own. */
function limitWords(step: Step): string {
  return step.kind === 'person' || step.kind === 'wait' ? '' : `; stopped after ${duration(step.timeoutMs)}`;
}

function rollbackLines(plan: Plan): readonly string[] {
  const { rollback } = plan;
  if (rollback.kind === 'none') return [`Nothing: ${rollback.reason}`];
  const head = [
    rollback.note,
    `${plural(rollback.steps.length, 'step')}, approved on its own before it runs.`,
  ];
  return [
    ...head,
    ...stepsLines(rollback.steps, plan),
    `Counts as done when: ${verifyWords(rollback.verify)}`,
  ];
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

/** A word that is safe in a file name on every system. */
export function fileWord(text: string): string {
  const word = text
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 60);
  return word === '' ? 'output' : word;
}
