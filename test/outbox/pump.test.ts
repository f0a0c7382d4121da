import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostError, type Poster } from '../../src/core/poster.js';
import { createOutbox, type Outbox, type Priority, type Thread } from '../../src/outbox/outbox.js';
import { createLimits } from '../../src/outbox/limits.js';
import { pumpChannel, type PumpTools } from '../../src/outbox/pump.js';
import { keyPrefix } from '../../src/redis/connect.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-outbox-'));
let server: RedisInTest;
let redis: RedisLink;
let outbox: Outbox;
const woken: string[] = [];

beforeAll(async () => {
  server = await openRedisInTest(folder);
  redis = server.redis;
  outbox = createOutbox(redis, keyPrefix, (channel) => {
    woken.push(channel);
    return Promise.resolve();
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  now = 0;
  await server.empty();
});

interface Call {
  readonly what: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly text: string;
}

/** A Slack that only writes down, and fails as told: the n-th call gets the n-th fault. */
function slack(faults: (PostError | null)[] = []): { calls: Call[]; poster: Poster } {
  const calls: Call[] = [];
  let ts = 0;
  const take = (call: Call): Promise<void> => {
    const fault = faults.shift() ?? null;
    if (fault !== null) return Promise.reject(fault);
    calls.push(call);
    return Promise.resolve();
  };
  const poster: Poster = {
    post: async (channel, thread, message) => {
      await take({ what: 'post', channel, thread, text: message.text });
      ts += 1;
      return { ts: `${ts}.0`, channel };
    },
    update: (channel, at, message) =>
      take({ what: `update ${at}`, channel, thread: null, text: message.text }),
    whisper: (channel, user, thread, message) =>
      take({ what: `whisper ${user}`, channel, thread, text: message.text }),
    upload: (channel, thread, file) => take({ what: 'upload', channel, thread, text: file.filename }),
  };
  return { calls, poster };
}

const dropped: string[] = [];
let now = 0;
function tools(poster: Poster): PumpTools {
  let n = 0;
  return {
    outbox,
    poster,
    clock: () => now,
    sleep: () => Promise.resolve(),
    newToken: () => `t${(n += 1)}-${Math.random()}`,
    onDropped: (entry, code) => dropped.push(`${entry.key} ${code}`),
    onUnsure: () => undefined,
  };
}

async function put(
  key: string,
  text: string,
  thread: Thread = null,
  priority: Priority = 'card',
): Promise<void> {
  await outbox.put(
    { key, channel: 'C1', thread, priority, user: 'UALICE' },
    { kind: 'message', message: { text, blocks: [] } },
  );
}

describe('the outbox', () => {
  it('posts a message once and later changes it in place, many changes as one', async () => {
    const { calls, poster } = slack();
    await put('card', 'queued');
    await put('card', 'reading 1 of 5');
    expect(await pumpChannel('C1', tools(poster))).toEqual({ kind: 'idle' });
    await put('card', 'reading 2 of 5');
    await put('card', 'done');
    await pumpChannel('C1', tools(poster));
    expect(calls.map((call) => `${call.what}: ${call.text}`)).toEqual([
      'post: reading 1 of 5',
      'update 1.0: done',
    ]);
    expect(await outbox.waiting()).toEqual([]);
    expect(woken).toContain('C1');
  });

  it('keeps a thread behind the message that starts it, in order, and lets approvals go first', async () => {
    const { calls, poster } = slack();
    await put('detail-1', 'one', { key: 'card' }, 'detail');
    await put('detail-2', 'two', { key: 'card' }, 'detail');
    await put('card', 'card');
    await put('approval', 'approve?', null, 'approval');
    await pumpChannel('C1', tools(poster));
    expect(calls.map((call) => [call.text, call.thread])).toEqual([
      ['approve?', null],
      ['card', null],
      ['one', '2.0'],
      ['two', '2.0'],
    ]);
  });

  it('waits as long as Slack asks, whoever is woken meanwhile, and loses nothing', async () => {
    const { calls, poster } = slack([new PostError('later', 'ratelimited', 7_000)]);
    await put('card', 'hello');
    expect(await pumpChannel('C1', tools(poster))).toEqual({ kind: 'later', afterMs: 7_000 });
    // Another bot, or this one again, because something else was put.
    await put('more', 'more');
    expect(await pumpChannel('C1', tools(poster))).toEqual({ kind: 'busy' });
    expect(calls).toEqual([]);
    // As if seven seconds had passed.
    await redis.del(`${keyPrefix}outbox:hold:C1`);
    await pumpChannel('C1', tools(poster));
    expect(calls.map((call) => call.text)).toEqual(['hello', 'more']);
  });

  it('goes on with new messages where Slack takes no more changes, in every channel', async () => {
    const { calls, poster } = slack([null, new PostError('later', 'ratelimited', 30_000)]);
    const given = { ...tools(poster), limits: createLimits(() => now) };
    await put('card', 'queued');
    await pumpChannel('C1', given);
    await put('card', 'done');
    expect(await pumpChannel('C1', given)).toEqual({ kind: 'later', afterMs: 30_000 });
    await put('next', 'next');
    expect(await pumpChannel('C1', given)).toEqual({ kind: 'later', afterMs: 30_000 });
    expect(calls.map(({ text }) => text)).toEqual(['queued', 'next']);
    now = 30_000;
    await pumpChannel('C1', given);
    expect(calls.map(({ what, text }) => `${what}: ${text}`)).toEqual([
      'post: queued',
      'post: next',
      'update 1.0: done',
    ]);
  });

  it('changes an approval at once when Slack takes changes again, and the cards of other channels in turn', async () => {
    const { calls, poster } = slack();
    const limits = createLimits(() => now);
    const given = { ...tools(poster), limits };
    const inChannel = (channel: string, key: string, text: string, priority: Priority): Promise<void> =>
      outbox.put(
        { key, channel, thread: null, priority, user: 'UALICE' },
        { kind: 'message', message: { text, blocks: [] } },
      );
    for (const text of ['first', 'second']) {
      await inChannel('C1', 'one', `one ${text}`, 'card');
      await inChannel('C2', 'two', `two ${text}`, 'card');
      await inChannel('C3', 'three', `three ${text}`, 'approval');
      if (text === 'second') limits.note('update', 30_000);
      const left = [];
      for (const channel of ['C1', 'C2', 'C3']) left.push(await pumpChannel(channel, given));
      if (text === 'second')
        expect(left.map((one) => 'afterMs' in one && one.afterMs)).toEqual([30_000, 31_200, 30_000]);
    }
    now = 30_000;
    for (const channel of ['C3', 'C2', 'C1']) await pumpChannel(channel, given);
    expect(calls.slice(3).map(({ text }) => text)).toEqual(['three second', 'one second']);
  });

  it('wakes nobody for a channel that somebody sends for, who finds what was put meanwhile', async () => {
    const { calls, poster } = slack();
    await put('first', 'first');
    woken.length = 0;
    let isPut = false;
    const sleep = async (): Promise<void> => {
      if (!isPut) await put('meanwhile', 'meanwhile');
      isPut = true;
    };
    expect(await pumpChannel('C1', { ...tools(poster), sleep })).toEqual({ kind: 'idle' });
    expect(calls.map(({ text }) => text)).toEqual(['first', 'meanwhile']);
    expect(woken).toEqual([]);
    await put('later', 'later');
    expect(woken).toEqual(['C1']);
  });

  it('changes what was posted while it was changed, and knows that it is a change', async () => {
    const { calls, poster } = slack();
    await put('card', 'queued');
    const post: Poster['post'] = async (...given) => {
      await put('card', 'done');
      return poster.post(...given);
    };
    const limits = createLimits(() => now);
    const given = { ...tools({ ...poster, post }), limits };
    await pumpChannel('C1', {
      ...given,
      sleep: () => {
        limits.note('update', 30_000);
        return Promise.resolve();
      },
    });
    expect((await outbox.page('C1', 10, 0, 'unseen')).entries).toEqual([]);
    expect(await outbox.hasChanges('C1')).toBe(true);
    now = 30_000;
    await pumpChannel('C1', given);
    expect(calls.map(({ what, text }) => `${what}: ${text}`)).toEqual(['post: queued', 'update 1.0: done']);
  });

  it('keeps what belongs behind a file behind it while Slack takes no more files', async () => {
    const { calls, poster } = slack();
    const limits = createLimits(() => now);
    limits.note('upload', 5_000);
    const given = { ...tools(poster), limits };
    const letter = { channel: 'C1', thread: { ts: '9.0' }, priority: 'detail', user: 'UALICE' } as const;
    const file = { filename: 'all.txt', title: 'All', content: 'all' } as const;
    await outbox.put({ ...letter, key: 'file' }, { kind: 'file', file });
    await put('behind', 'behind', { ts: '9.0' }, 'detail');
    await put('elsewhere', 'elsewhere', { ts: '8.0' }, 'detail');
    expect(await pumpChannel('C1', given)).toEqual({ kind: 'later', afterMs: 5_000 });
    now = 5_000;
    await pumpChannel('C1', given);
    expect(calls.map(({ text }) => text)).toEqual(['elsewhere', 'all.txt', 'behind']);
  });

  it('shows what nobody has seen yet before it changes what is there', async () => {
    const { calls, poster } = slack();
    await put('first', 'queued');
    await pumpChannel('C1', tools(poster));
    await put('first', 'done');
    await put('second', 'second');
    await put('approval', 'approve?', null, 'approval');
    await pumpChannel('C1', tools(poster));
    expect(calls.map(({ text }) => text)).toEqual(['queued', 'approve?', 'second', 'done']);
  });

  it('finds what can go behind many that cannot', async () => {
    const { calls, poster } = slack();
    for (let n = 0; n < 30; n += 1) await put(`detail-${n}`, `${n}`, { key: 'card' }, 'card');
    await put('other', 'other');
    await put('card', 'card');
    await pumpChannel('C1', tools(poster));
    expect(calls.map(({ text }) => text).slice(0, 4)).toEqual(['other', 'card', '0', '1']);
    expect(calls).toHaveLength(32);
  });

  it('says so when a message may be a second copy, because Slack did not answer the first try', async () => {
    const { calls, poster } = slack([new PostError('unsure', 'no_answer')]);
    await put('card', 'hello');
    await pumpChannel('C1', tools(poster));
    await pumpChannel('C1', tools(poster));
    expect(calls[0]?.text).toBe('hello\nSent again, because Slack did not confirm the first try.');
  });

  it('tells the person directly where the bot is not let into the channel', async () => {
    const { calls, poster } = slack([new PostError('never', 'not_in_channel')]);
    await put('card', 'hello');
    await put('detail', 'more', { key: 'card' }, 'detail');
    await pumpChannel('C1', tools(poster));
    expect(calls.map((call) => [call.channel, call.text])).toEqual([
      ['UALICE', 'hello'],
      ['UALICE', 'more'],
    ]);
  });

  it('drops what Slack will never take, says so, and goes on with the rest', async () => {
    const { calls, poster } = slack([new PostError('never', 'no_text')]);
    await put('bad', '');
    await put('good', 'hello');
    await pumpChannel('C1', tools(poster));
    expect(calls.map((call) => call.text)).toEqual(['hello']);
    expect(dropped).toContain('bad no_text');
  });

  it('stops after the message under way, and keeps the pace for whoever goes on', async () => {
    const { calls, poster } = slack();
    for (const text of ['one', 'two', 'three']) await put(text, text);
    const holds: number[] = [];
    const hold: typeof outbox.hold = (channel, token, ttlMs) => {
      holds.push(ttlMs);
      return outbox.hold(channel, token, ttlMs);
    };
    const stopping = { ...tools(poster), outbox: { ...outbox, hold }, isStopping: () => calls.length > 0 };
    const pumped = await pumpChannel('C1', stopping);
    expect([calls.map(({ text }) => text), pumped]).toEqual([['one'], { kind: 'later', afterMs: 1_050 }]);
    expect(holds.at(-1)).toBe(1_050);
    const idle = async () => (await pumpChannel('C1', tools(poster))).kind;
    await expect.poll(idle, { timeout: 20_000 }).toBe('idle');
    expect(calls.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  it('leaves a message to whoever is posting it, and sends it again only when nothing came of that', async () => {
    const { calls, poster } = slack();
    await put('card', 'hello');
    const [entry] = await outbox.queue('C1', 1);
    if (entry === undefined) throw new Error('nothing waits');
    await outbox.markTrying(entry, true);
    const pumped = await pumpChannel('C1', tools(poster));
    expect(pumped.kind === 'later' && pumped.afterMs > 20_000 && pumped.afterMs <= 25_000).toBe(true);
    expect(calls).toEqual([]);
    // As if it had begun half a minute ago.
    const began = Number(await redis.hget(`${keyPrefix}outbox:entry:card`, 'trying'));
    await redis.hset(`${keyPrefix}outbox:entry:card`, 'trying', String(began - 30_000));
    await pumpChannel('C1', tools(poster));
    expect(calls[0]?.text).toBe('hello\nSent again, because Slack did not confirm the first try.');
  });

  it('writes down that a message was posted although Redis was away just then', async () => {
    const { calls, poster } = slack();
    await put('card', 'hello');
    let tries = 0;
    const settle: typeof outbox.settle = (...args) => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error('Connection is closed.')) : outbox.settle(...args);
    };
    await pumpChannel('C1', { ...tools(poster), outbox: { ...outbox, settle } });
    expect([calls.length, (await outbox.get('card'))?.ts]).toEqual([1, '1.0']);
  });

  it('leaves what a newer aixops has put there, and sends the rest', async () => {
    const { calls, poster } = slack();
    await put('newer', 'not mine');
    await put('unknown', 'neither');
    await put('mine', 'mine');
    await redis.hset(`${keyPrefix}outbox:entry:newer`, 'v', '2');
    await redis.hset(`${keyPrefix}outbox:entry:unknown`, 'content', '{"kind":"reaction"}');
    expect(await pumpChannel('C1', tools(poster))).toEqual({ kind: 'idle' });
    expect(calls.map(({ text }) => text)).toEqual(['mine']);
    expect(await outbox.waiting()).toEqual(['C1']);
  });

  it('lets one process at a time post to a channel, and doubles nothing', async () => {
    const { calls, poster } = slack();
    for (let n = 0; n < 20; n += 1) await put(`m${n}`, `m${n}`);
    await Promise.all(Array.from({ length: 8 }, () => pumpChannel('C1', tools(poster))));
    expect(calls.map((call) => call.text)).toEqual(Array.from({ length: 20 }, (_, n) => `m${n}`));
  });
});
