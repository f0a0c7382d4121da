import type { Rollout } from '../src/approval/rollout-states.js';
import { rolloutEnds } from '../src/approval/rollout-states.js';
import type { RolloutStore } from '../src/approval/rollout-store.js';
import type { Change } from '../src/approval/states.js';
import type { ChangeStore } from '../src/approval/store.js';
import type { Message } from '../src/core/message.js';
import type { Outbox } from '../src/outbox/outbox.js';
import { rolloutCard } from '../src/slack/views/rollout-card.js';
import { rolloutFile } from '../src/slack/views/rollout-file.js';
import type { RolloutSight } from '../src/slack/views/rollout-words.js';
import { rolloutEndNotice, rolloutLines, rolloutNotice } from '../src/slack/views/rollout-thread.js';

/** What drawing a roll-out needs; a bot has it as well as a worker. */
export interface ShowRolloutTools {
  readonly rollouts: RolloutStore;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly outbox: Outbox;
  readonly approversHint: string;
}

/** The changes that were made of a roll-out so far, by target. */
export async function changesOf(
  rollout: Rollout,
  changes: Pick<ChangeStore, 'get'>,
): Promise<ReadonlyMap<string, Change>> {
  const members = rollout.waves.slice(0, rollout.begun).flat();
  const found = await Promise.all(
    members.map(async ({ target, change }) => [target, await changes.get(change)] as const),
  );
  return new Map(found.flatMap(([target, change]) => (change === null ? [] : [[target, change] as const])));
}

/** Draws the card, and the lines of its targets in the thread, as they are now; what says the same is not sent again. */
export async function showRollout(rollout: Rollout, tools: ShowRolloutTools): Promise<void> {
  const sight = await sightOf(rollout, tools);
  const { cardKey, channel, threadTs, requester: user } = rollout;
  const place = threadTs === null ? null : { ts: threadTs };
  const card = { key: cardKey, channel, thread: place, priority: 'approval' as const, user };
  await putChanged(card, rolloutCard(rollout, sight), tools);
  if (rollout.begun === 0 && !rolloutEnds.includes(rollout.state)) return;
  const detail = { channel, thread: { key: cardKey }, priority: 'detail' as const, user };
  const lines = rolloutLines(rollout, sight);
  for (const [at, message] of lines.entries())
    await putChanged({ ...detail, key: `${cardKey}:targets:${at + 1}` }, message, tools);
  const ended = rolloutEndNotice(rollout, sight);
  if (ended === null) return;
  const letter = { ...detail, key: `${cardKey}:${rollout.state}`, priority: 'approval' as const };
  await tools.outbox.putOnce(letter, { kind: 'message', message: ended });
}

/** Shows a proposal for approval, with every plan in one file in the thread. Doing it again posts nothing twice. */
export async function announceRollout(rollout: Rollout, tools: ShowRolloutTools): Promise<void> {
  await showRollout(rollout, tools);
  const { cardKey, channel, requester: user } = rollout;
  const letter = { channel, thread: { key: cardKey }, priority: 'approval' as const, user };
  const message = rolloutNotice(rollout, tools.approversHint);
  await tools.outbox.putOnce({ ...letter, key: `${cardKey}:notice` }, { kind: 'message', message });
  const file = rolloutFile(rollout, await tools.rollouts.plans(rollout.id));
  await tools.outbox.putOnce({ ...letter, key: `${cardKey}:plan` }, { kind: 'file', file });
}

async function sightOf(rollout: Rollout, tools: ShowRolloutTools): Promise<RolloutSight> {
  const plans =
    rollout.state === 'proposed' ? await tools.rollouts.plans(rollout.id) : new Map<string, never>();
  const changes = await changesOf(rollout, tools.changes);
  return { approversHint: tools.approversHint, plans, changes };
}

/** Every put is an edit in Slack, and a roll-out is looked at far more often than it changes. */
async function putChanged(
  letter: Parameters<Outbox['put']>[0],
  message: Message,
  { outbox }: ShowRolloutTools,
): Promise<void> {
  const before = await outbox.get(letter.key);
  const same =
    before?.content.kind === 'message' && JSON.stringify(before.content.message) === JSON.stringify(message);
  if (!same) await outbox.put(letter, { kind: 'message', message });
}
