import type { Plan } from '../../../src/core/plan.js';
import { digestOf } from '../../../src/core/canonical.js';
import type { AnyFix } from '../../../src/runbooks/definition.js';
import { fixes } from '../../../src/runbooks/index.js';
import { mostRolledOut, neverRolledOut } from '../../../src/runbooks/rolled-out.js';
import { planLines } from '../../../src/slack/views/plan-text.js';
import { examplePlan } from './example-plans.js';
import { block, code, list, page, prose, table } from './markdown.js';

const lead = `A fix proposes a plan: literal commands, what is saved first, how success is proven, what undoes it. Nothing runs before a person has approved exactly that plan.
Low and medium risk take one approver who is not the requester, high risk two; \`policy.yaml\` may only ask for more. The plans below are real ones, made from
recorded facts of an invented LPAR or cluster. When to use a fix and when not is on its own page.`;

/** docs/reference/fixes.md: every fix with what it asks, and one of its plans in full. */
export function fixesPage(): string {
  const overview = table(
    ['fix', 'risk', 'on', 'what it does', 'undone by'],
    fixes.map((fix) => [
      `[${code(fix.id)}](#${fix.id})`,
      fix.risk,
      fix.kind === 'cluster-fix' ? 'a cluster' : 'a node',
      prose(fix.summary),
      undoneBy(examplePlan(fix)),
    ]),
  );
  return page('Fixes', lead, [overview, ...fixes.map(section)]);
}

function section(fix: AnyFix): string {
  const plan = examplePlan(fix);
  return [
    `## ${fix.id}`,
    `${prose(fix.title)}. ${prose(fix.summary)} When and when not: [${fix.id}](../fixes/${fix.id}.md).`,
    list([
      `**Ask:** ${code(`${fix.kind === 'cluster-fix' ? '/clcomd-fix <cluster>' : '/rmc-fix <target>'} ${fix.id}`)}, ${code(`aixops plan ${fix.id} <target>`)}.`,
      `**Risk:** ${fix.risk}; ${fix.risk === 'high' ? 'two approvers' : 'one approver'}.`,
      `**Roll-out:** ${rollout(fix)}.`,
      `**Interrupts:** ${prose(fix.interrupts)}`,
      `**Cures:** ${fix.cures.map((id) => `[${code(id)}](findings.md#${id.replace('.', '')})`).join(', ') || 'no finding by itself'}.`,
      ...(fix.takes === undefined
        ? []
        : [`**Words behind its name:** ${code(fix.takes.usage)}`, ...fix.takes.explains.map(prose)]),
    ]),
    'One of its plans:',
    block(planLines(plan, digestOf(plan))),
  ].join('\n\n');
}

function undoneBy({ rollback }: Plan): string {
  if (rollback.kind === 'none') return 'nothing: see its page';
  return prose(rollback.steps.map(({ title }) => title).join('; '));
}

function rollout(fix: AnyFix): string {
  return neverRolledOut(fix)
    ? 'never: one target at a time'
    : `on at most ${mostRolledOut} targets ([roll-outs](../rollouts.md))`;
}
