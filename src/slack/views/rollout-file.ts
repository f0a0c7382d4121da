import { membersOf, type LeftOut, type Rollout } from '../../approval/rollout-states.js';
import type { Attachment } from '../../core/message.js';
import type { Plan } from '../../core/plan.js';
import { redact } from '../../core/redact.js';
import { fileWord, planLines } from './plan-text.js';
import { count, oneLine, plural, someOf, visible } from './text.js';
import { utc } from './time.js';

const line = '='.repeat(72);

/** Everything that one approval of a roll-out stands for, as one file: the waves, what is left out and why, and every plan. */
export function rolloutFile(rollout: Rollout, plans: ReadonlyMap<string, Plan>): Attachment {
  const { id, fix, args, title, digest, waves, leftOut } = rollout;
  const members = membersOf(rollout);
  const head = [
    `Roll-out ${id}: ${title}`,
    '',
    `Fix        ${[fix, ...args].join(' ')}`,
    `Targets    ${members.length}`,
    `SHA-256    ${digest}`,
    `Asked by   ${rollout.requester}`,
    `Proposed   ${utc(rollout.createdAt)}`,
    `Expires    ${utc(rollout.expiresAt)}`,
    `Approvals  ${rollout.approvalsNeeded} needed, not by who asked`,
    '',
    'In this order; the next wave begins when all of the one before are verified:',
    ...waves.map((wave, at) => `  Wave ${at + 1}: ${wave.map(({ target }) => target).join(', ')}`),
  ];
  const each = members.flatMap(({ target, digest: own, change }) => {
    const plan = plans.get(target);
    return ['', line, `Change ${change}`, ...(plan === undefined ? [target] : planLines(plan, own))];
  });
  return fileOf(`${fileWord(id)}-plans.txt`, `All ${plural(members.length, 'plan')} of roll-out ${id}`, [
    ...head,
    ...leftOutText(leftOut),
    ...each,
  ]);
}

/** Why no target of a request has a plan, one by one. */
export function leftOutFile(leftOut: readonly LeftOut[], requestId: string): Attachment {
  const title = `Why ${plural(leftOut.length, 'target')} got no plan`;
  return fileOf(`${fileWord(requestId)}-left-out.txt`, title, leftOutText(leftOut));
}

const words: Readonly<Record<LeftOut['why'], string>> = {
  'not-read': 'not read',
  refused: 'refused by a safety check',
  covered: 'done by another plan',
  'nothing-to-do': 'nothing to do',
};

/** Why there is nothing to approve, in one sentence for the card. */
export function noRolloutWords(leftOut: readonly LeftOut[]): string {
  const parts = (Object.keys(words) as readonly LeftOut['why'][]).flatMap((why) => {
    const names = leftOut.filter((one) => one.why === why).map(({ target }) => target);
    return names.length === 0 ? [] : [`${count(names.length)} ${words[why]} (${someOf(names, 8)})`];
  });
  return `None of ${plural(leftOut.length, 'target')} got a plan: ${parts.join('; ')}. Why, one by one, is in the file in the thread.`;
}

function leftOutText(leftOut: readonly LeftOut[]): readonly string[] {
  if (leftOut.length === 0) return [];
  const lines = leftOut.map(
    ({ target, why, reason }) => `  ${target} — ${words[why]}: ${oneLine(redact(reason))}`,
  );
  return ['', `Left out (${count(leftOut.length)}):`, ...lines];
}

function fileOf(filename: string, title: string, lines: readonly string[]): Attachment {
  // Names come from an inventory and nodes: made visible, never shortened.
  return { filename, title: visible(title), content: `${visible(lines.join('\n'))}\n` };
}
