import type { Check, NodeStep, Step, StepCommand } from '../../core/plan.js';
import { nodeOfStep } from '../../core/plan-places.js';
import { renderCommand } from '../../core/remote-command.js';
import { clusterCheckWords } from './cluster-check-words.js';
import { duration } from './time.js';

/**
 * What a step does, one thing a line, in order: literal commands as a shell takes them, and in `#` comments what else is
 * said about them; for a person the numbered instructions; for a wait what is looked for.
 */
export function stepLines(step: Step): readonly string[] {
  switch (step.kind) {
    case 'hmc':
      return [renderCommand(step.command), `# on HMC ${step.hmc}`];
    case 'person':
      return [
        ...numbered(step.instructions),
        ...(step.check.length === 0 ? [] : [`# then checked: ${checksWords(step.check)}`]),
      ];
    case 'wait':
      return [
        `# looks every ${duration(step.everyMs)} until: ${checksWords(step.until)}`,
        ...(step.atLeastMs === 0 ? [] : [`# waits at least ${duration(step.atLeastMs)}`]),
      ];
    default:
      return nodeLines(step);
  }
}

/** The same as one text. */
export function stepCommands(step: Step): string {
  return stepLines(step).join('\n');
}

/** Instructions, counted from 1, without the backticks around what is to be typed. */
export function numbered(instructions: readonly string[]): readonly string[] {
  return instructions.map((line, index) => `${index + 1}. ${line.replaceAll('`', '')}`);
}

/** What a step means to the person who approves it. */
export function effectWords(step: Step): string {
  if (step.kind === 'person')
    return 'a person does this and then presses Done; it waits as long as that takes';
  if (step.kind === 'wait') return `only looks; fails after ${duration(step.timeoutMs)}`;
  switch (step.effect) {
    case 'idempotent':
      return 'may run again without harm';
    case 'once':
      return 'runs at most once, never repeated by itself';
    case 'irreversible':
      return 'runs at most once and cannot be undone';
  }
}

/** Where a step happens: a node, an HMC, or with a person. */
export function stepPlace(step: Step, target: string): string {
  if (step.kind === 'hmc') return `HMC ${step.hmc}`;
  return nodeOfStep(step, { target });
}

/** Checks as one sentence part. */
export function checksWords(checks: readonly Check[]): string {
  return checks.map((check) => checkWords(check)).join('; ');
}

/** One check as a statement about the node, or the cluster. */
export function checkWords(check: Check): string {
  switch (check.kind) {
    case 'reached':
      return 'it can be logged in to';
    case 'link-local':
      return check.address === null
        ? 'one of its interfaces has an IPv6 link-local address (fe80::/64)'
        : `one of its interfaces has the IPv6 address ${check.address}`;
    case 'rmc-active':
      return 'LPAR and HMC (where it is ours to read) both show RMC up';
    case 'node-id':
      return `its RSCT node ID is ${check.nodeId} in all three places (lsnodeid and both ct_node_id files)`;
    case 'node-id-is-not':
      return `its RSCT node ID is not ${check.nodeId}`;
    case 'rsct-level':
      return `rsct.core.rmc is at ${check.minimum} or later`;
    default:
      return clusterCheckWords(check);
  }
}

function nodeLines(step: NodeStep): readonly string[] {
  const paths = new Set(step.commands.flatMap(({ command }) => command.alternatives ?? []));
  const elsewhere = paths.size === 0 ? [] : [`# or, where only that exists: ${[...paths].join(', ')}`];
  return [...step.commands.flatMap((command) => commandLines(command)), ...elsewhere];
}

function commandLines(one: StepCommand): readonly string[] {
  const { command, always, waitUntilStopped, stdin, mustPrint = [], failsOnOutput = [] } = one;
  const notes = [
    ...(always ? ['even if one before it failed'] : []),
    ...(one.mayFail === true ? ['whatever it exits with'] : []),
    ...(one.onlyWhereInstalled === true ? ['only where it is installed'] : []),
  ];
  const line = `${renderCommand(command)}${notes.length === 0 ? '' : `   # ${notes.join('; ')}`}`;
  return [
    line,
    ...(stdin === undefined
      ? []
      : [
          '# reads from standard input:',
          ...stdin
            .trimEnd()
            .split('\n')
            .map((text) => `#   ${text}`),
        ]),
    ...failsOnOutput.map((text) => `# failed if it prints: ${text}`),
    ...(mustPrint.length === 0
      ? []
      : ['# failed unless it prints exactly:', ...mustPrint.map((text) => `#   ${text}`)]),
    ...(waitUntilStopped === undefined
      ? []
      : [
          `# waits up to ${duration(waitUntilStopped.timeoutMs)} until stopped: ${waitUntilStopped.subsystems.join(', ')}`,
        ]),
  ];
}
