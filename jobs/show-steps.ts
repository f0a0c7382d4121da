import type { Change } from '../src/approval/states.js';
import { awaitedPerson } from '../src/approval/journal.js';
import { supportFile } from '../src/slack/views/support-case.js';
import type { Content } from '../src/outbox/outbox.js';
import { capturesFile, stepMessage, waitNotice } from '../src/slack/views/change-thread.js';
import { tellRejected } from './tell-rejected.js';
import type { Tools } from './tools.js';

/** Posts, in the card's thread, what was saved first and how each step that has ended came out. */
export async function showSteps(change: Change, tools: Tools): Promise<void> {
  const { channel, cardKey, requester } = change;
  const letter = { channel, thread: { key: cardKey }, priority: 'detail' as const, user: requester };
  // Journal entries never change: what was posted once is not posted again, by whichever worker.
  const once = async (key: string, content: () => Content): Promise<void> => {
    if ((await tools.outbox.get(key)) === null) await tools.outbox.putOnce({ ...letter, key }, content());
  };
  const captured = change.journal.some((entry) => entry.kind === 'capture');
  const started = change.journal.some((entry) => entry.kind === 'intent');
  if (captured && started) {
    const key = `${cardKey}:captures`;
    await once(key, () => ({ kind: 'file', file: capturesFile(change) }));
  }
  for (const entry of change.journal) {
    // What a person did and what was waited for stands on the card: there is no output to show.
    if (entry.kind !== 'result' || entry.outcome.kind === 'done') continue;
    const key = `${cardKey}:step:${entry.step}`;
    const { message, attachment } = stepMessage(change, entry);
    await once(key, () => ({ kind: 'message', message }));
    if (attachment !== null) await once(`${key}:file`, () => ({ kind: 'file', file: attachment }));
  }
}

/** Tells in the thread, once for each step, that a person is waited for: the card is edited, and an edit notifies nobody. */
export async function showWait(change: Change, tools: Tools): Promise<void> {
  const step = awaitedPerson(change);
  if (step === undefined) return;
  const { channel, cardKey, requester } = change;
  const key = `${cardKey}:wait:${step.id}`;
  if ((await tools.outbox.get(key)) !== null) return;
  const letter = { channel, thread: { key: cardKey }, priority: 'approval' as const, user: requester };
  await tools.outbox.putOnce({ ...letter, key }, { kind: 'message', message: waitNotice(change, step) });
}

/**
 * Tells of an end in the thread: who rejected it, and, where the plan says that a support case is to be opened, a file with
 * everything that this needs.
 */
export async function showEnd(change: Change, tools: Tools): Promise<void> {
  const last = change.history.at(-1);
  if (change.state === 'rejected' && last !== undefined) {
    const about = { ...change, title: change.plan.title };
    await tellRejected(about, { user: last.by, reason: last.note }, tools);
  }
  if (change.state !== 'failed' || change.plan.ifItFails === undefined) return;
  const { channel, cardKey, requester } = change;
  const key = `${cardKey}:support`;
  if ((await tools.outbox.get(key)) !== null) return;
  const letter = { channel, thread: { key: cardKey }, priority: 'detail' as const, user: requester };
  await tools.outbox.putOnce({ ...letter, key }, { kind: 'file', file: supportFile(change) });
}
