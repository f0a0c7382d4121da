/** What a person is told who wants a change to begin while a window is closed or all changes are frozen. */
import type { TimeGate } from '../approval/time-gate.js';
import type { Change } from '../approval/states.js';
import type { Audit } from '../audit/audit.js';
import type { Asker } from '../core/request.js';
import { utc } from '../slack/views/time.js';

interface NotNowTools {
  readonly timeGate: TimeGate;
  readonly audit: Audit;
}

/**
 * Why a change may not be approved now, which is written down as a refusal; null where it may. The sentence is plain text.
 * Rejects where the freeze cannot be read: then nothing is decided either.
 */
export async function notNow(
  change: Pick<Change, 'id' | 'plan' | 'expiresAt'>,
  who: Asker,
  { timeGate, audit }: NotNowTools,
): Promise<string | null> {
  const may = await timeGate(change.plan);
  if (may.kind === 'open') return null;
  const detail = { action: 'approve', rule: may.rule, opensAt: may.opensAt };
  await audit.append({ code: 'request.refused', actor: who.user, object: change.id, detail });
  const isTooLate = may.opensAt !== null && may.opensAt > change.expiresAt;
  const then = isTooLate
    ? `This proposal expires before that, at ${utc(change.expiresAt)}: ask for a new plan then.`
    : `The change stays proposed until ${utc(change.expiresAt)}.`;
  return `${full(may.sentence)} Nothing was decided. ${then} If it cannot wait: /changes break-glass ${change.plan.target} <reason>.`;
}

function full(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
