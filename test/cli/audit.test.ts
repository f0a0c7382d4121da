import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createAudit } from '../../src/audit/audit.js';
import { keepTrail } from '../../src/audit/keeping.js';
import { newKeyPair, signingKeyOf } from '../../src/audit/signing-key.js';
import { createTrail } from '../../src/audit/trail.js';
import { registerAudit } from '../../src/cli/audit.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-cli-audit-'));
const config = join(folder, 'config');
const file = (name: string, text?: string): string => {
  if (text !== undefined) writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const pair = newKeyPair();
const list = `${keyPrefix}audit`;
let server: RedisServer;
let redis: Redis;
let now = Date.parse('2026-07-15T08:00:00Z');

beforeAll(async () => {
  server = await startRedis({ folder: join(folder, 'redis') });
  mkdirSync(config);
  writeFileSync(join(config, 'aixops.yaml'), `redis: { url: "${server.url}" }\n`);
  file('public.pem', pair.publicKey);
  redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 5_000);
  const audit = createAudit(
    redis,
    keyPrefix,
    () => now,
    () => ({ writer: 'bot/h/1', policy: 'p1' }),
  );
  const keeping = {
    audit,
    trail: createTrail(redis, keyPrefix),
    key: signingKeyOf(pair.privateKey),
    keepMs: null,
    clock: () => now,
    newId: () => 'token',
    onTampered: () => undefined,
  };
  for (let n = 0; n < 120; n += 1) {
    now += 60_000;
    await audit.append({
      code: 'change.decided',
      actor: 'U0123ABCD',
      object: `c-${n % 3}`,
      detail: {
        decision: 'reject',
        reason: '=cmd("x"), says Zoë',
        target: 'lpar1',
        approvers: 'U0123ABCD, cli:ann',
      },
    });
    if (n % 100 === 99) await keepTrail(keeping);
  }
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function audit(...words: string[]): Promise<{ readonly printed: string; readonly status: number }> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  const program = new Command().exitOverride();
  registerAudit(program);
  const withConfig =
    words[0] === 'keygen' || words.includes('--file') ? words : [...words, '--config', config];
  try {
    await program.parseAsync(['audit', ...withConfig], { from: 'user' });
    return { printed, status: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = undefined;
    vi.restoreAllMocks();
  }
}

it('verifies the trail in Redis and an export of it, and says how far a signature reaches', async () => {
  const verified = await audit('verify', '--public-key', file('public.pem'));
  expect(verified.status).toBe(0);
  expect(verified.printed).toMatch(/^whole {2}120 records, 0 to 119\.\nSigned up to record 99, at /);
  expect(verified.printed).toContain('The 20 records behind it rest on the chain alone');
  const { printed } = await audit('export');
  const offline = await audit(
    'verify',
    '--file',
    file('whole.jsonl', printed),
    '--public-key',
    file('public.pem'),
  );
  expect(offline).toEqual(verified);
  expect((await audit('verify')).printed).toMatch(/Signatures were not checked, for want of a key/);
});

it('names what was done to a trail, with exit status 2, in words and as JSON', async () => {
  const line = (await redis.lindex(list, 42)) ?? '';
  await redis.lset(list, 42, line.replace('reject', 'approve'));
  try {
    const words = await audit('verify');
    expect(words.status).toBe(2);
    expect(words.printed).toContain(
      'changed: Record 42 (change.decided) was changed: what it says does not give its hash.',
    );
    const json = await audit('verify', '--json');
    expect(json.status).toBe(2);
    expect(JSON.parse(json.printed)).toMatchObject({
      isWhole: false,
      records: 120,
      found: [{ kind: 'changed', sequence: 42, code: 'change.decided' }],
    });
    // An export of it proves the same.
    const exported = await audit('export');
    expect((await audit('verify', '--file', file('tampered.jsonl', exported.printed))).status).toBe(2);
  } finally {
    await redis.lset(list, 42, line);
  }
});

it('tells a trail that was written anew, checkpoints and all, from what was kept elsewhere', async () => {
  const earlier = file('earlier.jsonl', (await audit('export')).printed);
  const names = await redis.keys(`${list}*`);
  const saved = await Promise.all(names.map(async (name) => [name, await redis.dumpBuffer(name)] as const));
  await redis.del(...names);
  const anew = createAudit(redis, keyPrefix, () => now);
  for (let n = 0; n < 130; n += 1)
    await anew.append({ code: 'change.decided', actor: 'UEVE', object: 'c-1', detail: {} });
  expect((await audit('verify')).status).toBe(0);
  const told = await audit('verify', '--anchor', earlier);
  expect(told.status).toBe(2);
  expect(told.printed).toMatch(/rewritten: Record 99 .*rewritten: Record 119 /s);
  expect((await audit('verify', '--public-key', file('public.pem'))).printed).toContain(
    'No checkpoint that the trail agrees with is signed with a key that was given',
  );
  await redis.del(...(await redis.keys(`${list}*`)));
  for (const [name, value] of saved) await redis.restore(name, 0, value);
});

it('exports what was chosen', async () => {
  const chosen = await audit(
    'export',
    '--object',
    'c-1',
    '--from',
    '2026-07-15T08:30Z',
    '--to',
    '2026-07-15T09:00+00:00',
  );
  const [header, ...lines] = chosen.printed
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(header).toMatchObject({ kind: 'export', object: 'c-1', from: '2026-07-15T08:30:00.000Z' });
  const records = lines.filter(({ kind }) => kind === undefined);
  expect(records.map(({ sequence }) => sequence)).toEqual([31, 34, 37, 40, 43, 46, 49, 52, 55, 58]);
  const verified = await audit('verify', '--file', file('chosen.jsonl', chosen.printed));
  expect(verified.status).toBe(0);
  expect(verified.printed).toContain('That none was left out shows only in a whole export.');
  await expect(audit('export', '--from', 'yesterday')).rejects.toThrow('--from "yesterday" is no time.');
});

it('writes CSV that a spreadsheet reads as text', async () => {
  const event = {
    code: 'digest.marked',
    actor: '=1+1',
    object: '@SUM(A1)',
    detail: { note: 'a "b"\u202e' },
  } as const;
  const other = createAudit(redis, `${keyPrefix}csv:`, () => now);
  const { csvHeader, csvRow } = await import('../../src/audit/document.js');
  const cells = csvRow(await other.append(event));
  expect(cells).toContain(`,digest.marked,'=1+1,'@SUM(A1),"{""note"":""a \\""b\\""\\u202e""}",`);
  expect(cells.endsWith('\r\n')).toBe(true);
  const { printed } = await audit('export', '--format', 'csv');
  expect(printed.startsWith(csvHeader)).toBe(true);
  expect(printed.split('\r\n').length).toBe(122);
});

it('takes people out where that is asked for, and then says that it cannot verify', async () => {
  const { printed } = await audit('export', '--pseudonymise');
  expect(printed).not.toMatch(/U0123ABCD|cli:ann|Zoë|Zo\\u00eb/);
  const records = printed
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { actor?: string; detail?: Record<string, string> });
  const actors = new Set(records.flatMap(({ actor }) => actor ?? []));
  expect(actors.size).toBe(1);
  const detail = records.at(-1)?.detail ?? {};
  expect(detail['reason']).toBe('(left out)');
  expect(detail['approvers']).toMatch(/^p-[0-9a-f]{12}, p-[0-9a-f]{12}$/);
  expect(detail['approvers']?.startsWith([...actors][0] ?? '-')).toBe(true);
  await expect(audit('verify', '--file', file('pseudonyms.jsonl', printed))).rejects.toThrow(
    /^This export is pseudonymised/,
  );
});

it('says what could not be read', async () => {
  await expect(audit('verify', '--file', join(folder, 'none'))).rejects.toThrow(
    /none could not be read \(ENOENT\)/,
  );
  await expect(audit('verify', '--public-key', file('whole.jsonl'))).rejects.toThrow(
    /holds no Ed25519 public key/,
  );
  await expect(audit('verify', '--anchor', file('public.pem'))).rejects.toThrow(
    /holds no checkpoint and no record/,
  );
});

it('makes keys that sign and verify', async () => {
  const { printed } = await audit('keygen');
  expect(printed).toMatch(/^-----BEGIN PRIVATE KEY-----\n.*-----END PUBLIC KEY-----\n$/s);
  const [body = ''] = /MC4C[^\n]+/.exec(printed) ?? [];
  expect(signingKeyOf(body).asymmetricKeyType).toBe('ed25519');
  expect(
    signingKeyOf(
      printed.slice(0, printed.indexOf('-----BEGIN PUBLIC')).replaceAll('\n', '\\n').replace(/\\n$/, ''),
    ).asymmetricKeyType,
  ).toBe('ed25519');
});
