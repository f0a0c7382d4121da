import type { Button } from '@slack/types';
import { membersOf, type Rollout } from '../../approval/rollout-states.js';
import type { Message } from '../../core/message.js';
import type { Plan } from '../../core/plan.js';
import { redact } from '../../core/redact.js';
import { actions, button, context, message, section } from './dress.js';
import { verifyWords } from './plan-text.js';
import {
  leftOutLines,
  rolloutHead,
  rolloutIdentity,
  targetsOf,
  waveLines,
  type RolloutSight,
} from './rollout-words.js';
import { stepCommands } from './step-text.js';
import { clip, clipMrkdwn, codeBlock, escapeText, oneLine, plural, someOf } from './text.js';
import { when } from './time.js';
import { person, prose, sentence } from './words.js';

/** A roll-out that waits for approval: what would run, on which, in which order, and what is left out and why. */
export function proposedRollout(rollout: Rollout, sight: RolloutSight): Message {
  const { plans } = sight;
  const members = membersOf(rollout);
  const first = plans.get(members[0]?.target ?? '');
  const lead = [
    rolloutHead(rollout),
    `In ${plural(rollout.waves.length, 'wave')}, one target first · risk ${rollout.risk} · ${approvalsWanted(rollout, sight)}`,
    ...groundLines(rollout),
    `*Interrupts, on each:* ${sentence(clip(escapeText(oneLine(rollout.interrupts)), 600))}`,
    'The next wave begins only when every target of the one before is verified; one that is not stops the roll-out. Two nodes of one cluster, two VIOS or two HMC changes of one managed system are never at work at once.',
  ];
  const left = leftOutLines(rollout.leftOut);
  const leftOut =
    left.length === 0 ? [] : [section([`*Left out (${rollout.leftOut.length}):*`, ...left].join('\n'))];
  const after = [
    ...(first === undefined ? [] : [`*Each counts as done when:* ${prose(verifyWords(first.verify))}`]),
    undoneBy(first),
  ];
  const groups = sameCommands(rollout, plans);
  return message({
    text: [
      ...lead,
      ...waveLines(rollout, 20),
      ...left,
      ...groups.map(({ names, commands }) => escapeText(clip(`${names}: ${oneLine(commands)}`, 600))),
      ...after,
      expiry(rollout),
    ].join('\n'),
    first: [
      section(lead.join('\n')),
      section(clipMrkdwn(waveLines(rollout, 20).join('\n'), 2_000)),
      ...leftOut,
    ],
    asRoomAllows: groups.map(({ names, commands }) =>
      section(`*Runs on ${escapeText(names)}:*\n${codeBlock(commands, 1_800)}`),
    ),
    leftOut: (n) =>
      section(
        `*… and ${plural(n, 'more kind')} of plan: the file in the thread holds every plan. Read it before approving.*`,
      ),
    last: [
      section(after.join('\n')),
      actions(decisionButtons(rollout)),
      context(expiry(rollout)),
      rolloutIdentity(rollout),
    ],
  });
}

function undoneBy(first: Plan | undefined): string {
  if (first?.rollback.kind !== 'none')
    return '*Undone by:* the Rollback button of each target’s own card, approved on its own.';
  return `*Undone by:* nothing. ${sentence(clip(escapeText(oneLine(first.rollback.reason)), 300))}`;
}

/** The commands of all steps, and the targets on which just these run: mostly one group. */
function sameCommands(
  rollout: Rollout,
  plans: ReadonlyMap<string, Plan>,
): readonly { readonly names: string; readonly commands: string }[] {
  const groups = new Map<string, string[]>();
  for (const { target } of membersOf(rollout)) {
    const plan = plans.get(target);
    if (plan === undefined) continue;
    const commands = plan.steps.map(stepCommands).join('\n');
    groups.set(commands, [...(groups.get(commands) ?? []), target]);
  }
  return [...groups].map(([commands, targets]) => ({
    commands,
    names: someOf(
      targets.map((target) => clip(target, 60)),
      8,
    ),
  }));
}

function groundLines({ grounds }: Rollout): readonly string[] {
  const words = (text: string): string => prose(clip(redact(oneLine(text)), 300));
  return [
    ...(grounds?.reason == null ? [] : [`*Reason:* ${words(grounds.reason)}`]),
    ...(grounds?.ticket == null ? [] : [`*Ticket:* ${words(grounds.ticket)}`]),
  ];
}

function approvalsWanted(rollout: Rollout, { approversHint }: RolloutSight): string {
  const hint = clipMrkdwn(approversHint.replace(/<!(?=channel|here|everyone)/gi, '&lt;!'), 400);
  const from = `from ${hint}, not from ${person(rollout.requester)}`;
  const { approvals, approvalsNeeded } = rollout;
  if (approvals.length === 0) return `${plural(approvalsNeeded, 'approval')} needed ${from}`;
  const by = approvals.map(({ user, at }) => `${person(user)} ${when(at)}`).join(', ');
  return `${approvals.length} of ${approvalsNeeded} approvals given (${by}); the rest ${from}`;
}

function decisionButtons(rollout: Rollout): readonly Button[] {
  const { id } = rollout;
  const n = targetsOf(rollout, membersOf(rollout).length);
  return [
    button('rollout-approve', 'Approve', id, { style: 'primary', label: `Approve and roll out on ${n}` }),
    button('rollout-reject', 'Reject', id, { style: 'danger', label: `Reject the roll-out on ${n}` }),
    button('rollout-withdraw', 'Withdraw', id, { label: 'Withdraw: for the person who asked' }),
  ];
}

function expiry(rollout: Rollout): string {
  return `Expires ${when(rollout.expiresAt)} · nothing runs before approval · approval is of exactly this list · every plan is in the file in the thread`;
}
