import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret as Key, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStepUp, newStepUpSecret, type StepUp } from '../../src/approval/step-up.js';
import { Secret } from '../../src/core/secret.js';
import { keyPrefix } from '../../src/redis/connect.js';
import type { RedisLink } from '../../src/redis/link.js';
import { openRedisInTest, type RedisInTest } from '../redis-in-test.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-step-up-'));
// The seed of RFC 6238, Appendix B, for SHA-1: the 20 characters 12345678901234567890.
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const minute = 60_000;
let server: RedisInTest;
let redis: RedisLink;
let nowMs = 0;

const open = (): StepUp =>
  createStepUp({
    redis,
    prefix: keyPrefix,
    clock: () => nowMs,
    secrets: new Map([
      ['UBOB', new Secret(seed)],
      ['UCAROL', new Secret(newStepUpSecret('UCAROL').secret)],
    ]),
  });
const codeAt = (ms: number): string => TOTP.generate({ secret: Key.fromBase32(seed), timestamp: ms });
/** Six digits that are right at none of the times around. */
const wrongCode = (): string => {
  const near = [-1, 0, 1].map((step) => codeAt(nowMs + step * 30_000));
  return ['000000', '111111', '222222', '333333'].find((code) => !near.includes(code)) ?? '';
};

beforeAll(async () => {
  server = await openRedisInTest(folder);
  redis = server.redis;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await server.empty();
  nowMs = Date.parse('2026-03-01T02:00:00Z');
});

describe('step-up codes', () => {
  it.each([
    [59_000, '287082'],
    [1_111_111_109_000, '081804'],
    [1_234_567_890_000, '005924'],
    [2_000_000_000_000, '279037'],
  ])('are those of RFC 6238, Appendix B: at %i ms it is %s', async (ms, code) => {
    nowMs = ms;
    expect(await open().offer('UBOB', code)).toBe('ok');
  });

  it('are remembered for an hour, by whichever bot is asked', async () => {
    expect(await open().isFresh('UBOB')).toBe(false);
    expect(await open().offer('UBOB', codeAt(nowMs))).toBe('ok');
    nowMs += 59 * minute;
    expect(await open().isFresh('UBOB')).toBe(true);
    expect(await open().isFresh('UCAROL')).toBe(false);
    nowMs += 2 * minute;
    expect(await open().isFresh('UBOB')).toBe(false);
  });

  it('are taken with the blank that authenticators show in them', async () => {
    const code = codeAt(nowMs);
    expect(await open().offer('UBOB', ` ${code.slice(0, 3)} ${code.slice(3)} `)).toBe('ok');
  });

  it('hold for 30 seconds before and after their own, and no longer', async () => {
    for (const step of [-2, 2])
      expect(await open().offer('UBOB', codeAt(nowMs + step * 30_000))).toBe('wrong');
    expect(await open().offer('UBOB', codeAt(nowMs - 30_000))).toBe('ok');
    expect(await open().offer('UBOB', codeAt(nowMs + 30_000))).toBe('ok');
  });

  it('are taken once each, also by two bots at the same moment, and no older one after a newer', async () => {
    const answers = await Promise.all(
      [open(), open(), open()].map((one) => one.offer('UBOB', codeAt(nowMs))),
    );
    expect(answers.sort()).toEqual(['ok', 'used', 'used']);
    expect(await open().offer('UBOB', codeAt(nowMs - 30_000))).toBe('used');
  });

  it('lock after five wrong ones in a quarter of an hour, for a quarter of an hour, whatever is typed then', async () => {
    for (let at = 1; at <= 4; at += 1) {
      expect(await open().offer('UBOB', wrongCode())).toBe('wrong');
      nowMs += 3 * minute;
    }
    expect(await open().offer('UBOB', 'abc')).toBe('locked');
    expect(await open().offer('UBOB', codeAt(nowMs))).toBe('locked');
    expect(await open().isFresh('UBOB')).toBe(false);
    nowMs += 14 * minute;
    expect(await open().offer('UBOB', codeAt(nowMs))).toBe('locked');
    nowMs += 2 * minute;
    expect(await open().offer('UBOB', codeAt(nowMs))).toBe('ok');
  });

  it('count a hundred guesses at one moment one by one: the right one among them does not get through', async () => {
    const guesses = [...Array.from({ length: 99 }, wrongCode), codeAt(nowMs)];
    const answers = await Promise.all(guesses.map((code) => open().offer('UBOB', code)));
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(4);
    expect(answers.filter((answer) => answer === 'locked')).toHaveLength(96);
  });

  it('forget wrong ones that are older than a quarter of an hour', async () => {
    for (let at = 1; at <= 12; at += 1) {
      expect(await open().offer('UBOB', wrongCode())).toBe('wrong');
      nowMs += 4 * minute;
    }
  });

  it('lock nobody else', async () => {
    for (let at = 1; at <= 6; at += 1) await open().offer('UCAROL', '000');
    expect(await open().offer('UCAROL', '000')).toBe('locked');
    expect(await open().offer('UBOB', codeAt(nowMs))).toBe('ok');
  });

  it('are nothing for who has no secret, and for whom it was taken away', async () => {
    expect(await open().offer('UDAVE', codeAt(nowMs))).toBe('not-enrolled');
    expect(open().isEnrolled('UDAVE')).toBe(false);
    expect(await open().offer('UBOB', codeAt(nowMs))).toBe('ok');
    const without = createStepUp({ redis, prefix: keyPrefix, clock: () => nowMs, secrets: new Map() });
    expect(await without.isFresh('UBOB')).toBe(false);
  });

  it('never leave a secret or a code in Redis', async () => {
    const code = codeAt(nowMs);
    await open().offer('UBOB', code);
    await open().offer('UBOB', wrongCode());
    const stored = await Promise.all(
      (await server.keys('*')).map(async (key) =>
        key.includes(':wrong:') ? (await redis.zrange(key, '0', '-1')).join() : await redis.get(key),
      ),
    );
    expect(stored.length).toBeGreaterThan(2);
    expect(stored.join()).not.toContain(code);
    expect(stored.join()).not.toContain(seed);
  });
});

describe('a new secret', () => {
  it('has 160 random bits and an address that authenticators take', () => {
    const { secret, url } = newStepUpSecret('UBOB');
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(url).toContain('otpauth://totp/aixops:UBOB?issuer=aixops');
    expect(url).toContain(`secret=${secret}`);
    expect(newStepUpSecret('UBOB').secret).not.toBe(secret);
  });
});
