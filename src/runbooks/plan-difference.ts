import { renderCommand } from '../core/remote-command.js';
import type { Plan } from '../core/plan.js';

/** What differs between the approved plan and the one that the facts give now, in words for the card. */
export function planDifference(approved: Plan, now: Plan): string {
  const gone = approved.basis.filter((line) => !now.basis.includes(line));
  const come = now.basis.filter((line) => !approved.basis.includes(line));
  const facts = [...gone.map((line) => `it was: ${line}`), ...come.map((line) => `it is: ${line}`)];
  const same = commandsOf(approved) === commandsOf(now);
  const commands = same ? 'The commands would be the same.' : 'The commands would be others.';
  return `${approved.target} is not as it was when the plan was made (${facts.join('; ') || 'other details'}). ${commands}`;
}

function commandsOf(plan: Plan): string {
  return plan.steps.flatMap((step) => step.commands.map((c) => renderCommand(c.command))).join('\n');
}
