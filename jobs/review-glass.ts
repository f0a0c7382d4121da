import type { CalmStore, Glass } from '../src/approval/calm.js';
import type { ChangeStore } from '../src/approval/store.js';
import type { Outbox } from '../src/outbox/outbox.js';
import { reviewMessage } from '../src/slack/views/glass-review.js';
import type { Tools } from './tools.js';

/** Whoever dies while posting is followed by another worker after this. */
const claimMs = 60_000;

type ReviewTools = Pick<Tools, 'calm' | 'changes' | 'outbox' | 'audit' | 'clock'>;

/**
 * The clock's part: puts each broken glass before the others the next morning, once. The message has a key that is taken
 * once, so that whoever repeats this after somebody died in between posts no second one.
 */
export async function reviewGlasses(tools: ReviewTools): Promise<void> {
  const now = tools.clock();
  const due = (await tools.calm.glasses()).filter(({ reviewAt }) => Date.parse(reviewAt) <= now);
  for (const glass of due) {
    if (!(await tools.calm.claimReview(glass.glass, claimMs))) continue;
    const changes = await tools.calm.letThrough(glass.glass);
    const detail = { by: glass.by, target: glass.target, changes: changes.slice(0, 20).join(' ') };
    await tools.audit.append({ code: 'glass.review-posted', actor: 'worker', object: glass.glass, detail });
    await showReview(glass, tools, true);
    await tools.calm.setPosted(glass.glass);
  }
}

/** Draws the review item of a broken glass as it is now; `isFirst`: only where there is none yet. */
export async function showReview(
  glass: Glass,
  { calm, changes, outbox }: { calm: CalmStore; changes: Pick<ChangeStore, 'get'>; outbox: Outbox },
  isFirst = false,
): Promise<void> {
  const { glass: id, channel, by } = glass;
  const ran = await Promise.all((await calm.letThrough(id)).map((change) => changes.get(change)));
  const known = ran.filter((change) => change !== null);
  const message = reviewMessage({ ...glass, changes: known, reviewed: await calm.reviewed(id) });
  const letter = {
    key: `glass-review:${id}`,
    channel,
    thread: null,
    priority: 'approval',
    user: by,
  } as const;
  await (isFirst
    ? outbox.putOnce(letter, { kind: 'message', message })
    : outbox.put(letter, { kind: 'message', message }));
}
