import { renderCommand } from '../core/remote-command.js';
import type { Plan, Step } from '../core/plan.js';

/** What differs between the approved plan and the one that the facts give now, in words for the card. */
export function planDifference(approved: Plan, now: Plan): string {
  const gone = approved.basis.filter((line) => !now.basis.includes(line));
  const come = now.basis.filter((line) => !approved.basis.includes(line));
  const facts = [...gone.map((line) => `it was: ${line}`), ...come.map((line) => `it is: ${line}`)];
  const words = [approved, now].map(({ args = [] }) => (args.length === 0 ? 'no words' : args.join(' ')));
  if (words[0] !== words[1]) facts.push(`it was asked for with ${words[0]}, now with ${words[1]}`);
  const same = commandsOf(approved) === commandsOf(now);
  const commands = same ? 'The commands would be the same.' : 'The commands would be others.';
  return `${approved.target} is not as it was when the plan was made (${facts.join('; ') || 'other details'}). ${commands}`;
}

function commandsOf(plan: Plan): string {
  return plan.steps.flatMap(linesOf).join('\n');
}

function linesOf(step: Step): readonly string[] {
  switch (step.kind) {
    case 'hmc':
      return [`${step.hmc}: ${renderCommand(step.command)}`];
    case 'person':
      return step.instructions;
    case 'wait':
      return [];
    default:
      return step.commands.map(
        ({ command, stdin = '' }) => `${step.node ?? ''}: ${renderCommand(command)} ${stdin}`,
      );
  }
}
