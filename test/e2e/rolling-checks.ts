import { expect } from 'vitest';
import { cardKeyOf } from '../../jobs/show.js';
import { isOf, ranOn, type Story } from './rolling-story.js';
import type { RollingWorld } from './rolling-world.js';
import { brokenNodes } from './rolling-estate.js';

/**
 * Every command was answered: by one card that came to its end, or at once to the person alone. Where Slack told somebody
 * that the app did not answer nothing came of it, unless `isBotKilled`: then it may have been taken a moment before.
 */
export function expectEveryAnswer({ told, requests }: Story, { isBotKilled = false } = {}): void {
  const wrong = told.flatMap(({ order, done }) => {
    const own = requests.filter((request) => isOf(order, request));
    const what = `${order.how} ${order.command} ${order.text} in ${order.channel} (${JSON.stringify(done)})`;
    if (order.answer === 'private') {
      return done.isTaken && done.told !== null && own.length === 0 ? [] : [`${what}: not answered`];
    }
    const most = isBotKilled ? 1 + done.unanswered : 1;
    if (own.length < 1 || own.length > most) return [`${what}: ${own.length} cards`];
    const bad = own.find(({ phase }) => phase !== 'done');
    return bad === undefined ? [] : [`${what}: ${bad.phase} ${bad.error?.message}`];
  });
  expect(wrong).toEqual([]);
}

/** The last state of every card is in Slack, and each message is there once. */
export async function expectEveryMessageOnce(
  { shared, slack }: RollingWorld,
  story: Story,
  { isBotKilled = false } = {},
): Promise<void> {
  const posts = slack.traffic('chat.postMessage').filter(({ answer }) => answer?.ok === true);
  const stands = new Map<string, number>();
  for (const { answer } of posts) {
    const place = `${String(answer?.channel)} ${String(answer?.ts)}`;
    stands.set(place, (stands.get(place) ?? 0) + 1);
  }
  const keys = await entryKeys(shared);
  const entries = await Promise.all(keys.map((key) => shared.outbox.get(key)));
  const known = entries.filter((entry) => entry !== null);
  expect(known.filter(({ version, sent }) => version !== sent).map(({ key }) => key)).toEqual([]);
  const messages = known.filter(({ content }) => content.kind === 'message');
  const own = new Set(messages.map(({ postedIn, ts }) => `${postedIn} ${ts}`));
  // Whatever was posted belongs to one entry. Only the copy that a killed bot did not write down stands alone, and the
  // other one says so.
  const alone = [...stands].filter(([place, count]) => count !== 1 || !own.has(place));
  const said = posts.filter(({ args }) => String(args.text).includes('Sent again'));
  if (isBotKilled) expect(alone.length).toBeLessThanOrEqual(said.length);
  // Where Redis went while a bot was about to post, the next try may say "Sent again" although there was no first: one copy
  // stands, and that is what counts.
  else expect(alone).toEqual([]);
  expect(stands.size - alone.length).toBe(messages.length);
  const uploads = slack
    .traffic('files.completeUploadExternal')
    .filter(({ answer }) => answer?.ok === true).length;
  expect(uploads).toBe(known.filter(({ content }) => content.kind === 'file').length);
  for (const request of story.requests) {
    const card = await shared.outbox.get(cardKeyOf(request));
    expect([request.asked, card?.sent, card?.ts === null]).toEqual([request.asked, card?.version, false]);
  }
}

/** By a script, because it goes to the node of a Cluster that has our keys. */
async function entryKeys({ redis }: RollingWorld['shared']): Promise<readonly string[]> {
  const prefix = '{aixops}:outbox:entry:';
  const keys = await redis.eval(`return redis.call('KEYS', ARGV[1])`, 1, '{aixops}:', `${prefix}*`);
  return (keys as string[]).map((key) => key.slice(prefix.length));
}

/** Every change was proposed once, approved once, ran once on its node, and is verified. */
export async function expectEveryChangeOnce(world: RollingWorld, { changes }: Story): Promise<void> {
  const asLines = changes.map(({ plan, state, note }) => `${plan.target} ${state} ${note}`);
  expect(changes.map(({ plan }) => plan.target).sort()).toEqual([...brokenNodes].sort());
  expect(asLines.filter((line) => !/^\S+ verified /.test(line))).toEqual([]);
  for (const change of changes) {
    const kinds = change.journal.map(({ kind }) => kind);
    const results = change.journal.filter(({ kind }) => kind === 'result');
    expect([change.plan.target, results.length, kinds.filter((kind) => kind === 'intent').length]).toEqual([
      change.plan.target,
      change.plan.steps.length,
      change.plan.steps.length,
    ]);
    expect(change.approvals).toHaveLength(1);
  }
  for (const [node, ran] of await ranOn(world))
    expect([node, ran]).toEqual([node, ['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p']]);
}
