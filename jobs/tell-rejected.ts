import type { Change } from '../src/approval/states.js';
import type { Outbox } from '../src/outbox/outbox.js';
import { rejectedNotice } from '../src/slack/views/decision-notices.js';

/** The card is an edited message, which notifies nobody: whoever asked is told in its thread, once. */
export async function tellRejected(
  about: Pick<Change, 'cardKey' | 'channel' | 'requester'> & { readonly title: string },
  by: { readonly user: string; readonly reason: string },
  { outbox }: { readonly outbox: Outbox },
): Promise<void> {
  const { cardKey, channel, requester, title } = about;
  if (by.user === requester) return;
  const letter = { channel, thread: { key: cardKey }, priority: 'approval' as const, user: requester };
  const message = rejectedNotice({ title, requester, user: by.user, reason: by.reason });
  await outbox.putOnce({ ...letter, key: `${cardKey}:rejected` }, { kind: 'message', message });
}
