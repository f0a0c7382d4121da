import type { Change } from '../src/approval/states.js';
import { capturesFile, stepMessage } from '../src/slack/views/change-thread.js';
import type { Tools } from './tools.js';

/** Posts, in the card's thread, what was saved first and how each step that has ended came out. */
export async function showSteps(change: Change, tools: Tools): Promise<void> {
  const { channel, cardKey, requester } = change;
  const letter = { channel, thread: { key: cardKey }, priority: 'detail' as const, user: requester };
  const captured = change.journal.some((entry) => entry.kind === 'capture');
  const started = change.journal.some((entry) => entry.kind === 'intent');
  if (captured && started) {
    const key = `${cardKey}:captures`;
    if ((await tools.outbox.get(key)) === null)
      await tools.outbox.put({ ...letter, key }, { kind: 'file', file: capturesFile(change) });
  }
  for (const entry of change.journal) {
    if (entry.kind !== 'result') continue;
    const key = `${cardKey}:step:${entry.step}`;
    // Journal entries never change: what was posted once is not posted again.
    if ((await tools.outbox.get(key)) !== null) continue;
    const { message, attachment } = stepMessage(change, entry);
    await tools.outbox.put({ ...letter, key }, { kind: 'message', message });
    if (attachment !== null)
      await tools.outbox.put({ ...letter, key: `${key}:file` }, { kind: 'file', file: attachment });
  }
}
