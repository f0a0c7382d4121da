import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { proposeFix } from '../../jobs/propose-fix.js';
import type { Change } from '../../src/approval/states.js';
import { startBot, type BotProcess } from '../../src/bot.js';
import { share, type Shared } from '../../src/compose.js';
import { Secret } from '../../src/core/secret.js';
import { keyPrefix } from '../../src/redis/connect.js';
import { log, openWorkbench, type Workbench } from '../jobs/workbench.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';

const channel = 'C0OPS';
const never = new AbortController().signal;
const told = /already approved by <@(?:UBOB|UCAROL)> at \d{4}-\d\d-\d\d \d\d:\d\d UTC/;
/** Told to whom Redis did not answer within Slack's patience: on a machine this busy that may be some. */
const again = /not known whether your click was taken/;

let bench: Workbench;
let slack: LocalSlack;
const bots: { readonly shared: Shared; readonly bot: BotProcess }[] = [];

beforeAll(async () => {
  bench = await openWorkbench();
  slack = await startLocalSlack({ folder: join(bench.folder, 'slack'), port: 0, isRateLimited: false });
}, 120_000);
afterAll(async () => {
  // A hundred private answers go out one a second: nobody waits for them.
  const waiting = await bench.shared.redis.keys(`${keyPrefix}outbox:queue:*`);
  if (waiting.length > 0) await bench.shared.redis.del(waiting);
  for (const { bot, shared } of bots) {
    await bot.stop();
    await shared.close();
  }
  await slack.stop();
  await bench.stop();
}, 60_000);
beforeEach(async () => {
  await bench.lab.node('lpar2').setScenario('ctrmc-stopped');
});

async function proposed(): Promise<Change> {
  const origin = { teamId: 'T0EXAMPLE', channel, user: 'UALICE', threadTs: null };
  const wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar2' } as const;
  const request = await bench.desk.submit(wish, '/rmc-fix lpar2 rmc-restart', origin);
  await proposeFix(request.id, bench.tools, never);
  const change = await bench.shared.changes.get(`c-${request.id}`);
  if (change === null) throw new Error('nothing was proposed');
  return change;
}

/** What was decided, in the trail; and how often the job that runs it was queued. */
async function decisions(id: string): Promise<{ readonly decided: number; readonly queued: number }> {
  const records = await bench.shared.audit.history(id, 1_000);
  const decided = records.filter(
    ({ code, detail }) => code === 'change.decided' && detail['decision'] === 'approve',
  );
  const jobs = await bench.shared.redis.keys(`*apply-${id}-*`);
  return { decided: decided.length, queued: jobs.length };
}

/** Two workers carry it at the same time, until it moves no more. */
async function carriedByTwo(id: string): Promise<Change> {
  const other = await bench.restart();
  try {
    for (;;) {
      await Promise.all([applyFix(id, bench.tools, never), applyFix(id, other.tools, never)]);
      const change = await bench.shared.changes.get(id);
      if (change === null) throw new Error('the change is gone');
      if (!['approved', 'running', 'verifying'].includes(change.state)) return change;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  } finally {
    await other.close();
  }
}

describe('a hundred clicks on Approve at the same moment, by two people', () => {
  it('at the desks of two bots: one decides, 99 are told who and when, and it runs once', async () => {
    const { id } = await proposed();
    const before = (await bench.lab.node('lpar2').ran('rmcctrl')).length;
    const other = await bench.restart();
    const desks = [bench.desk, other.desk];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        (desks[n % 2] ?? bench.desk).decide(id, 'approve', { user: n % 4 < 2 ? 'UBOB' : 'UCAROL', channel }),
      ),
    );
    await other.close();
    expect(answers.filter((answer) => answer.kind === 'done')).toHaveLength(1);
    const refused = answers.flatMap((answer) => (answer.kind === 'refused' ? [answer.sentence] : []));
    expect(refused).toHaveLength(99);
    expect(refused.filter((sentence) => !told.test(sentence))).toEqual([]);
    expect(await decisions(id)).toEqual({ decided: 1, queued: 1 });
    const change = await carriedByTwo(id);
    expect(change.state).toBe('verified');
    expect(change.approvals).toHaveLength(1);
    // Stop, start, enable: each once.
    expect((await bench.lab.node('lpar2').ran('rmcctrl')).length - before).toBe(3);
  }, 120_000);

  it('in Slack, over two bots: the same', async () => {
    for (let n = 0; n < 2; n += 1) bots.push(await begin());
    const { id, cardKey } = await proposed();
    await expect
      .poll(async () => (await bench.shared.outbox.get(cardKey))?.ts, { timeout: 60_000 })
      .toBeTruthy();
    const ts = (await bench.shared.outbox.get(cardKey))?.ts ?? '';
    // Whether people are members is asked of Slack with little patience: on a busy machine it may not say at first.
    await expect
      .poll(
        async () => {
          await forgetWhispers();
          await Promise.all(['UBOB', 'UCAROL'].map((user) => help(user)));
          await storm(ts, id);
          return (await bench.shared.changes.get(id))?.state;
        },
        { timeout: 120_000, interval: 2_500 },
      )
      .toBe('approved');
    const change = await bench.shared.changes.get(id);
    expect(change?.approvals).toHaveLength(1);
    expect(change?.history.filter(({ move }) => move === 'approve')).toHaveLength(1);
    expect(await decisions(id)).toEqual({ decided: 1, queued: 1 });
    await expect.poll(async () => (await whispers()).length, { timeout: 60_000 }).toBe(100);
    const sentences = await whispers();
    expect(
      sentences.filter((text) => !told.test(text) && !again.test(text) && !text.startsWith('Approved')),
    ).toEqual([]);
    expect(sentences.filter((text) => text.startsWith('Approved')).length).toBeLessThanOrEqual(1);
  }, 180_000);
});

/** A bot process on the same Redis and Slack. */
async function begin(): Promise<(typeof bots)[number]> {
  const { config } = bench.settings;
  const tokens = { botToken: new Secret(slack.botToken), appToken: new Secret(slack.appToken) };
  const own = { ...config, slack: { ...config.slack, ...tokens, apiUrl: slack.apiUrl } };
  const settings = { ...bench.settings, config: own };
  const shared = await share(settings, log);
  return { shared, bot: await startBot(settings, shared, log) };
}

async function click(messageTs: string, id: string, user: string): Promise<void> {
  const action = { type: 'button', action_id: 'approve', block_id: 'b', value: id };
  await control('interact', { channel, messageTs, user, action });
}

async function control(call: string, body: object): Promise<void> {
  const answer = await fetch(`${slack.url}/_control/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await answer.text();
}

/** Each bot hears each person once before. */
async function help(user: string): Promise<void> {
  for (let n = 0; n < 8; n += 1) await control('command', { channel, user, command: '/aix-help', text: '' });
}

async function storm(ts: string, id: string): Promise<void> {
  await Promise.all(Array.from({ length: 100 }, (_, n) => click(ts, id, n % 2 === 0 ? 'UBOB' : 'UCAROL')));
}

async function forgetWhispers(): Promise<void> {
  const keys = await bench.shared.redis.keys(`${keyPrefix}outbox:entry:whisper:*`);
  if (keys.length > 0) await bench.shared.redis.del(keys);
}

/** What people were answered privately, as it waits to be sent or was. */
async function whispers(): Promise<string[]> {
  const keys = await bench.shared.redis.keys(`${keyPrefix}outbox:entry:whisper:*`);
  const entries = await Promise.all(
    keys.map((key) => bench.shared.outbox.get(key.slice(`${keyPrefix}outbox:entry:`.length))),
  );
  return entries.flatMap((entry) => (entry?.content.kind === 'whisper' ? [entry.content.message.text] : []));
}
