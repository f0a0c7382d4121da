import type { Change } from '../../approval/states.js';
import type { Attachment } from '../../core/message.js';
import type { Capture, Expectation, Plan, Step, StepCommand, Verify } from '../../core/plan.js';
import { renderCommand } from '../../core/remote-command.js';
import { plural, visible } from './text.js';
import { duration, utc } from './time.js';

/** The first digits of a plan's digest: what approvers compare. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}

/**
 * The literal commands of a step, one a line, in the order in which they run. What else is said about them stands in
 * `#` comments, so that the text is still what a shell takes.
 */
export function stepCommands(step: Step): string {
  const paths = new Set(step.commands.flatMap(({ command }) => command.alternatives ?? []));
  const elsewhere = paths.size === 0 ? [] : [`# or, where only that exists: ${[...paths].join(', ')}`];
  return [...step.commands.flatMap((command) => commandLines(command)), ...elsewhere].join('\n');
}

function commandLines({ command, always, waitUntilStopped }: StepCommand): readonly string[] {
  const line = `${renderCommand(command)}${always ? '   # even if one before it failed' : ''}`;
  if (waitUntilStopped === undefined) return [line];
  const { timeoutMs, subsystems } = waitUntilStopped;
  return [line, `# waits up to ${duration(timeoutMs)} until stopped: ${subsystems.join(', ')}`];
}

/** How a change is proven, in words. */
export function verifyWords(verify: Verify): string {
  if (verify.kind === 'rmc-active') {
    const times =
      verify.reads === 1 ? 'once' : verify.reads === 2 ? 'twice in a row' : `${verify.reads} times in a row`;
    return `LPAR and HMC (where it is ours to read) both show RMC up, ${times}. An exit status alone does not count.`;
  }
  return `It reads as found before: ${verify.expected.map(expectationWords).join('; ')}.`;
}

function expectationWords(expectation: Expectation): string {
  if (expectation.kind === 'subsystem') return `${expectation.name} is ${expectation.status}`;
  return `TCP 657 is ${expectation.listening ? '' : 'not '}listening`;
}

/** What a step's effect means to the person who approves it. */
export function effectWords(effect: Step['effect']): string {
  switch (effect) {
    case 'idempotent':
      return 'may run again without harm';
    case 'once':
      return 'runs at most once, never repeated by itself';
    case 'irreversible':
      return 'runs at most once and cannot be undone';
  }
}

/** The whole plan as lines of text, nothing left out: what the digest stands for, in words and literal commands. */
export function planLines(plan: Plan, digest: string): readonly string[] {
  return [
    plan.title,
    '',
    ...table([
      ['Fix', plan.fix],
      ['Node', plan.target],
      ['Risk', plan.risk],
      ['SHA-256', digest],
    ]),
    ...part(
      'Made from',
      plan.basis.map((fact) => `- ${fact}`),
    ),
    ...part('Interrupts', [plan.interrupts]),
    ...part('Saved first', plan.captures.flatMap(captureLines)),
    ...part(`Runs on ${plan.target}`, stepsLines(plan.steps)),
    ...part('Counts as done when', [verifyWords(plan.verify)]),
    ...part('Undone by', rollbackLines(plan)),
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
  return [`${capture.title}:`, `  ${renderCommand(capture.command)}`];
}

function stepsLines(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step, i) => [
    `Step ${i + 1} of ${steps.length}: ${step.title}`,
    `  (${effectWords(step.effect)}; stopped after ${duration(step.timeoutMs)})`,
    indent(stepCommands(step)),
  ]);
}

function rollbackLines({ rollback }: Plan): readonly string[] {
  if (rollback.kind === 'none') return [`Nothing: ${rollback.reason}`];
  const head = [
    rollback.note,
    `${plural(rollback.steps.length, 'step')}, approved on its own before it runs.`,
  ];
  return [...head, ...stepsLines(rollback.steps), `Counts as done when: ${verifyWords(rollback.verify)}`];
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
