import { describe, expect, it } from 'vitest';
import { createBoard } from '../../src/health/board.js';
import { lookAtClock } from '../../src/health/clock-check.js';
import { lookAtOutbox } from '../../src/health/outbox-check.js';
import { livez } from '../../src/health/probes.js';
import { lookAtSettings } from '../../src/health/redis-checks.js';
import { lookAtDoor, lookAtToken } from '../../src/health/slack-checks.js';
import { lookAtInventory, lookAtKeys, lookAtQueues } from '../../src/health/worker-checks.js';
import { socketView } from '../../src/slack/socket-view.js';

const minuteMs = 60_000;

describe('the outbox', () => {
  function outbox(heads: Map<string, string>, clock: { now: number }) {
    return lookAtOutbox({
      isSending: () => true,
      isPaused: () => Promise.resolve(false),
      waiting: () => Promise.resolve([...heads.keys()]),
      head: (channel) => Promise.resolve(heads.get(channel) ?? null),
      monotonic: () => clock.now,
    });
  }

  it('is stuck when the same message has been first for five minutes, and not when another one is', async () => {
    const [heads, clock] = [new Map([['C0OPS', 'a 1']]), { now: 0 }];
    const look = outbox(heads, clock);
    expect(await look()).toEqual({ state: 'ok', sentence: '' });
    clock.now = 4 * minuteMs;
    heads.set('C0OPS', 'b 1');
    expect((await look()).state).toBe('ok');
    clock.now = 8 * minuteMs;
    expect((await look()).state).toBe('ok');
    clock.now = 10 * minuteMs;
    expect(await look()).toEqual({
      state: 'failing',
      sentence:
        'Messages for C0OPS have not gone out for 5 minutes. They are kept. Look in the log for what Slack says, and at slack-token.',
    });
    heads.delete('C0OPS');
    expect((await look()).state).toBe('ok');
  });

  it('names some of many channels', async () => {
    const heads = new Map(['C1', 'C2', 'C3', 'C4', 'C5'].map((name) => [name, 'a 1']));
    const clock = { now: 0 };
    const look = outbox(heads, clock);
    await look();
    clock.now = 6 * minuteMs;
    expect((await look()).sentence).toContain('Messages for C1, C2, C3 and 2 more channels have');
  });
});

describe('the clock', () => {
  function clock(at: { wall: number; monotonic: number; redis: () => Promise<number> }) {
    return lookAtClock({ wall: () => at.wall, monotonic: () => at.monotonic, redisTime: () => at.redis() });
  }
  const start = Date.UTC(2026, 5, 1);

  it('may be some seconds off, and its jumps are told for an hour', async () => {
    const at = { wall: start, monotonic: 0, redis: () => Promise.resolve(start + 4_000) };
    const look = clock(at);
    expect((await look()).state).toBe('ok');
    Object.assign(at, {
      wall: start + 10_000,
      monotonic: 1_000,
      redis: () => Promise.resolve(start + 10_000),
    });
    expect(await look()).toEqual({
      state: 'warn',
      sentence:
        "This machine's clock was set forward by 9 s at 2026-06-01T00:00:10.000Z. See that it is right now; nothing needs a restart.",
    });
    for (const minutes of [20, 40, 59]) {
      at.wall = start + 10_000 + minutes * minuteMs;
      at.monotonic = 1_000 + minutes * minuteMs;
      at.redis = () => Promise.resolve(at.wall);
      expect((await look()).state).toBe('warn');
    }
    at.wall += 2 * minuteMs;
    at.monotonic += 2 * minuteMs;
    expect((await look()).state).toBe('ok');
  });

  it('cannot be told without Redis, but a year that cannot be can', async () => {
    const at = { wall: start, monotonic: 0, redis: () => Promise.reject(new Error('Connection is closed.')) };
    const look = clock(at);
    expect(await look()).toEqual({
      state: 'unknown',
      sentence: 'The clock could not be compared with that of Redis (Connection is closed.).',
    });
    for (const wall of [0, Date.UTC(2200, 0), Number.NaN]) {
      at.wall = wall;
      expect((await look()).state).toBe('failing');
    }
  });
});

describe('what the parts say', () => {
  it.each([
    [lookAtToken(() => ({ kind: 'scopes', sentence: 'It lacks some.' })), 'warn', 'It lacks some.'],
    [lookAtToken(() => ({ kind: 'untried', sentence: null })), 'unknown', 'It has not been tried yet.'],
    [lookAtDoor(() => Promise.resolve({ kind: 'unknown', sentence: 'No.' })), 'unknown', 'No.'],
    [lookAtSettings(() => Promise.resolve([{ kind: 'untold', sentence: 'A.' }])), 'unknown', 'A.'],
    [lookAtSettings(() => Promise.resolve([{ kind: 'frail', sentence: 'B.' }])), 'warn', 'B.'],
    [lookAtInventory(0), 'failing', 'The inventory names no node and no HMC'],
    [lookAtKeys(() => ({ total: 2, problems: ['One.'] })), 'warn', 'One.'],
    [
      lookAtKeys(() => ({ total: 3, problems: ['One.', 'Two.'] })),
      'warn',
      'One. And 1 more: type aixops check.',
    ],
    [
      lookAtQueues({ names: ['read'], idle: () => ['read'], isPaused: () => Promise.resolve(false) }),
      'failing',
      'This process takes no jobs from queue "read" although it should. Restart it.',
    ],
  ] as const)('becomes a finding (%#)', async (look, state, words) => {
    const found = await look();
    expect(found.state).toBe(state);
    expect(found.sentence).toContain(words);
  });

  it('names a refused app token', () => {
    const socket = { isConnected: () => false, refusal: () => 'invalid_auth', stop: () => Promise.resolve() };
    expect(socketView([socket], 'https://slack.com/api/')).toEqual({
      kind: 'closed',
      sentence: expect.stringMatching(
        /: Slack refused it \(invalid_auth\)\. .* Make an app-level token with connections:write, set SLACK_APP_TOKEN/,
      ) as string,
    });
  });

  it('makes a process dead only where a restart would cure it', () => {
    expect(livez(null)).toMatchObject({ status: 200, body: 'alive\n' });
    expect(livez('It is stuck.')).toMatchObject({ status: 503, body: 'not alive: It is stuck.\n' });
  });
});

describe('the board', () => {
  const options = {
    role: 'worker',
    names: ['redis-reached', 'queues', 'config'],
    clock: Date.now,
    stopping: new AbortController().signal,
    onChange: () => undefined,
    clean: (sentence: string) => sentence.replace('hunter2', '***'),
    roundMs: 10,
    limitMs: 50,
  } as const;

  it('answers at once while a check hangs, and says that it did not answer', async () => {
    const board = createBoard(options);
    board.attach('redis-reached', () => new Promise(() => undefined));
    board.attach('config', () => ({ state: 'ok', sentence: 'hunter2' }));
    board.attach('queues', () => {
      throw new Error('a bug');
    });
    const state = () => Object.fromEntries(board.read().checks.map((one) => [one.name, one]));
    expect(board.read().ready).toBe(false);
    expect(state()['config']?.state).toBe('starting');
    await expect
      .poll(() => state()['redis-reached'], { timeout: 20_000 })
      .toMatchObject({
        state: 'failing',
        sentence: 'This did not answer within 0.05 s.',
      });
    expect(state()['queues']).toMatchObject({
      state: 'unknown',
      sentence: 'This cannot be told while redis-reached fails.',
    });
    expect(state()['config']).toMatchObject({ state: 'ok', sentence: '***' });
    board.close();
  });

  it('takes what a check throws for something that cannot be told', async () => {
    const board = createBoard({ ...options, names: ['config'] });
    board.attach('config', () => Promise.reject(new Error('EIO')));
    await expect
      .poll(() => board.read().checks[0], { timeout: 20_000 })
      .toMatchObject({ state: 'unknown', sentence: 'This could not be looked at: EIO' });
    expect(board.read().ready).toBe(true);
    board.close();
  });
});
