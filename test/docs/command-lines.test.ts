/**
 * Every command line of README and the manual works: it is run here as it stands, against the simulated estate with the names
 * that the pages use, or it says by what else it is tried, or what it needs that no test has.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAudit } from '../../src/audit/audit.js';
import { keepTrail } from '../../src/audit/keeping.js';
import { newKeyPair, signingKeyOf } from '../../src/audit/signing-key.js';
import { createTrail } from '../../src/audit/trail.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { shell, startAixops, type Ended } from '../cli/aixops.js';
import { startLab, type Lab } from '../lab/lab.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { openPolicyYaml } from '../policy/open-policy.js';
import { commandLines, type CommandLine } from './commands.js';
import { root } from './pages.js';

/** The folder that the pages call so. */
const documentedFolder = /\/etc\/aixops(?![\w.-])/g;
const byKind = (kind: CommandLine['trial']['kind']): readonly CommandLine[] =>
  commandLines.filter(({ trial }) => trial.kind === kind);
/** The same line on two pages is tried once. */
const toRun = [...new Map(byKind('run').map((line) => [line.text, line])).values()];
const isServing = ({ text }: CommandLine): boolean => /^aixops start\b/.test(text);
const titled = (lines: readonly CommandLine[]) => lines.map((line) => [line.text, line.where, line] as const);

describe('a command line of the manual', () => {
  it('is really found', () => {
    expect(toRun.length).toBeGreaterThan(15);
  });

  it('says how it is tried', () => {
    const wrong = commandLines.flatMap(({ where, text, trial }) =>
      trial.kind === 'wrong' ? [`${where} ${text}: ${trial.why}`] : [],
    );
    expect(wrong).toEqual([]);
  });

  it('names a file that is there, where it is tried elsewhere', () => {
    const lost = commandLines.flatMap(({ where, trial }) =>
      trial.kind === 'elsewhere' && !existsSync(join(root, trial.file)) ? [`${where} ${trial.file}`] : [],
    );
    expect(lost).toEqual([]);
  });

  it('of npm is a script that there is, and of vitest names tests that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    const known = [...Object.keys(scripts), 'ci', 'vitest'];
    for (const { where, text, trial } of byKind('npm')) {
      if (trial.kind !== 'npm') continue;
      for (const name of trial.scripts) expect(known, `${where} ${text}`).toContain(name);
      for (const path of text.match(/(?<=\s)test\/[\w./-]+/g) ?? [])
        expect(existsSync(join(root, path)) ? '' : path, where).toBe('');
    }
  });
});

describe.concurrent('as it stands in the manual,', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-manual-'));
  const config = join(folder, 'config');
  let env: NodeJS.ProcessEnv = {};
  let lab: Lab;
  let redis: RedisServer;
  let slack: LocalSlack;

  beforeAll(async () => {
    [lab, redis, slack] = await Promise.all([
      startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 }),
      startRedis({ folder: join(folder, 'redis') }),
      startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
    ]);
    await lab.writeConfig(config);
    writeFileSync(join(config, 'policy.yaml'), openPolicyYaml);
    const channel = { channel: 'C0123ABCD', time: '07:30', zone: 'UTC' };
    const settings = {
      slack: { apiUrl: slack.apiUrl },
      verify: { gapSeconds: 1, deadlineMinutes: 1, pollSeconds: 1 },
      ssh: { connectTimeoutSeconds: 2 },
      digest: { channels: [channel] },
    };
    writeFileSync(join(config, 'aixops.yaml'), JSON.stringify(settings));
    const keys = newKeyPair();
    env = {
      AIXOPS_CONFIG: config,
      REDIS_URL: redis.url,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      AUDIT_SIGNING_KEY_FILE: join(folder, 'audit.pem'),
    };
    writeFileSync(join(folder, 'audit.pem'), keys.privateKey, { mode: 0o600 });
    writeFileSync(join(config, 'audit-public.pem'), keys.publicKey);
    for (const name of ['src', 'test', 'docs']) symlinkSync(join(root, name), join(config, name));
    const capture = readFileSync(join(root, 'test/fixtures/aix/lssrc/healthy.txt'));
    writeFileSync(join(config, 'capture.txt'), capture);
    await keepSomeTrail(redis.url, keys.privateKey);
    const exported = await shell('aixops audit export > last-month.jsonl', { env, cwd: config });
    if (exported.code !== 0) throw new Error(exported.stderr);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([lab.stop(), redis.stop(), slack.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(titled(toRun.filter((line) => !isServing(line))))('%s (%s) works', async (text) => {
    const ended = await shell(text.replace(documentedFolder, config), { env, cwd: config, input: '' });
    expect(problemsWith(ended)).toEqual([]);
  });

  it.each(titled(toRun.filter(isServing)))('%s (%s) serves until it is told to stop', async (text) => {
    const words = text.replace(documentedFolder, config).split(/\s+/).slice(1);
    const running = startAixops(words, { env, cwd: config });
    await running.printed('aixops started');
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([ended.code, problemsWith(ended)]).toEqual([0, []]);
  });
});

/** What tells that a line was not right, or that it broke. A verdict that is not `ok` is neither. */
function problemsWith({ code, stdout, stderr }: Ended): readonly string[] {
  const said = stderr.slice(-800);
  return [
    ...(code > 3 ? [`exit status ${code}: ${said}`] : []),
    ...(/\bat .*\.js:\d+/.test(stderr) ? [`a stack: ${said}`] : []),
    ...(/^aixops: (?:Unknown|Missing|The settings|There is no|Too many|.*is missing)/m.test(stderr)
      ? [said]
      : []),
    ...(stdout === '' && stderr !== '' && code !== 0 ? [`nothing but an error: ${said}`] : []),
  ];
}

async function keepSomeTrail(url: string, privateKey: string): Promise<void> {
  const redis = connectRedis(url, () => undefined);
  await readyRedis(redis, url, 10_000);
  let now = Date.parse('2026-07-15T08:00:00Z');
  const audit = createAudit(
    redis,
    keyPrefix,
    () => (now += 60_000),
    () => ({ writer: 'bot/host/1', policy: 'p1' }),
  );
  for (const object of ['c-8f2k1', 'c-8f2k1', 'lpar1'])
    await audit.append({
      code: 'change.decided',
      actor: 'U0123ABCD',
      object,
      detail: { decision: 'reject' },
    });
  await keepTrail({
    audit,
    trail: createTrail(redis, keyPrefix),
    key: signingKeyOf(privateKey),
    keepMs: null,
    clock: () => now,
    newId: () => 'token',
    onTampered: () => undefined,
  });
  redis.disconnect();
}
