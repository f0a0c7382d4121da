/** Roll-outs on the Home tab. Their plans are too many for it: whoever decides does so on the card, which has them. */
import type { KnownBlock } from '@slack/types';
import { membersOf, type Rollout } from '../../approval/rollout-states.js';
import { section } from './dress.js';
import { rolloutTitle } from './rollout-words.js';
import { clip, escapeText } from './text.js';
import { when } from './time.js';
import { person } from './words.js';

/** One open roll-out that a person may see. */
export interface RolloutRow {
  readonly rollout: Rollout;
  /** Whether it is proposed and this person may approve it. */
  readonly waitsForMe: boolean;
}

/** A roll-out as one block: what, for whom, how far, and where its card is. */
export function rolloutBlocks({ rollout, waitsForMe }: RolloutRow): readonly KnownBlock[] {
  const { requester, createdAt, channel, risk } = rollout;
  const mark = waitsForMe ? '◆ *Waits for your approval:* ' : '';
  const lines = [
    `${mark}*${escapeText(rolloutTitle(rollout))}* · risk ${risk}`,
    `asked by ${person(requester)} ${when(createdAt)} · ${howFar(rollout)}`,
    `Its card, with every plan and the buttons, is in <#${clip(channel, 20)}>.`,
  ];
  return [section(lines.join('\n'))];
}

function howFar(rollout: Rollout): string {
  const { state, begun, waves, approvals, approvalsNeeded, expiresAt } = rollout;
  switch (state) {
    case 'proposed':
      return `${approvals.length} of ${approvalsNeeded} approvals, expires ${when(expiresAt)}`;
    case 'approved':
      return 'approved, about to begin';
    case 'stopping':
      return `stopping: nothing new starts, wave ${begun} of ${waves.length} ends by itself`;
    default:
      return `wave ${begun} of ${waves.length}, ${membersOf(rollout).length} targets in all`;
  }
}
