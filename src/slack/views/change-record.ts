import type { Change } from '../../approval/states.js';
import type { Attachment } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import { fileWord, planLines } from './plan-text.js';
import { capturesText, happenedLines, outputsText } from './support-case.js';
import { visible } from './text.js';
import { utc } from './time.js';

/** Everything that is known of a change as one file: what happened, what was saved, every output whole, the plan. */
export function recordFile(change: Change): Attachment {
  const { plan } = change;
  const approved = change.approvals.map(({ user, at }) => `${user} ${utc(at)}`);
  const lines = [
    `Change ${change.id}: ${plan.title}`,
    `State: ${change.state}${change.note === '' ? '' : `: ${change.note}`}`,
    `Asked by ${change.requester} ${utc(change.createdAt)}`,
    `Approved by ${approved.length === 0 ? 'nobody' : approved.join(', ')} (${change.approvalsNeeded} needed)`,
    '',
    'What happened (UTC)',
    ...happenedLines(change).map((line) => `  ${line}`),
    '',
    ...removedLines(change),
    'What was saved first',
    '',
    ...capturesText(change),
    'What the steps printed',
    '',
    ...outputsText(change),
    'The plan',
    '',
    ...planLines(plan, change.digest),
  ];
  return {
    filename: `${fileWord(change.id)}-record.txt`,
    title: `Record of change ${visible(change.id)}`,
    content: `${visible(redact(lines.join('\n')))}\n`,
  };
}

/** Empty outputs below would otherwise read as if nothing had been printed. */
function removedLines({ outputsRemovedAt }: Change): readonly string[] {
  if (outputsRemovedAt === undefined) return [];
  return [`All outputs were removed ${utc(outputsRemovedAt)}: they are kept for so long only.`, ''];
}
