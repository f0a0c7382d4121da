/** What stands on a card besides the plan: why it is wanted, and which earlier proposal it follows. */
import type { Change } from '../../approval/states.js';
import { redact } from '../../core/redact.js';
import { clip, code, escapeText, oneLine, plural } from './text.js';
import { sentence } from './words.js';

/** Why it is wanted, and the ticket; nothing where nothing was said. */
export function groundsLines({ grounds }: Pick<Change, 'grounds'>): readonly string[] {
  const reason = grounds?.reason ?? null;
  const ticket = grounds?.ticket ?? null;
  const parts = [
    ...(reason === null ? [] : [escapeText(clip(redact(oneLine(reason)), 320))]),
    ...(ticket === null ? [] : [`ticket ${code(clip(redact(ticket), 80))}`]),
  ];
  return parts.length === 0 ? [] : [`*Why:* ${parts.join(' · ')}`];
}

/** Which earlier proposal it follows, whether that one's approvals hold, and else what differs. */
export function followsLines({ follows }: Pick<Change, 'follows'>): readonly string[] {
  if (follows === undefined) return [];
  const { difference, approvalsKept: kept, approvalsLost: lost } = follows;
  const earlier = code(clip(follows.change, 60));
  if (difference === null) {
    const holds =
      kept === 0 ? '' : ` ${plural(kept, 'approval')} given to it ${kept === 1 ? 'holds' : 'hold'}.`;
    const own = lost === 0 ? '' : ' The approval of who asks now does not count.';
    return [`*The same plan as change ${earlier}*, which it replaces.${holds}${own}`];
  }
  const gone =
    lost === 0
      ? ''
      : ` ${plural(lost, 'approval')} given to that one ${lost === 1 ? 'does' : 'do'} not count here.`;
  const what = sentence(clip(escapeText(redact(oneLine(difference))), 900));
  return [`*Another plan than change ${earlier}*, which it replaces.${gone} What is different: ${what}`];
}
