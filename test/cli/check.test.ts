import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { aixops, type Ended } from './aixops.js';
import { startEstate, type InventoryFile, type TestEstate } from './estate.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-check-'));
let estate: TestEstate;
let redis: RedisServer;
let weakRedis: RedisServer;
let lockedRedis: RedisServer;
let slack: LocalSlack;
let good: NodeJS.ProcessEnv;

beforeAll(async () => {
  [estate, redis, weakRedis, lockedRedis, slack] = await Promise.all([
    startEstate(),
    startRedis({ folder: join(folder, 'redis') }),
    startRedis({ folder: join(folder, 'weak') }),
    startRedis({ folder: join(folder, 'locked') }),
    startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
  ]);
  good = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, REDIS_URL: redis.url };
  await setRedis(weakRedis, { 'maxmemory-policy': 'allkeys-lru', appendonly: 'no' });
  await setRedis(lockedRedis, { requirepass: 'secret-of-the-test' });
  await estate.lab.node('lpar3').setScenario({ ssh: 'login-refused' });
});
afterAll(async () => {
  await Promise.all([estate, redis, weakRedis, lockedRedis, slack].map((part) => part.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function setRedis({ url }: RedisServer, settings: Readonly<Record<string, string>>): Promise<void> {
  const client = new Redis(url);
  for (const [name, value] of Object.entries(settings)) await client.config('SET', name, value);
  client.disconnect();
}

/** Settings whose inventory is cut down to a few nodes, with the local Slack. */
function config(nodes: readonly string[], change?: (inventory: InventoryFile) => void): string {
  const at = estate.copy((inventory) => {
    for (const name of Object.keys(inventory.nodes)) {
      if (!nodes.includes(name)) Reflect.deleteProperty(inventory.nodes, name);
    }
    // What names nodes that are gone goes too.
    for (const part of ['clusters', 'certificates']) Reflect.deleteProperty(inventory, part);
    change?.(inventory);
  });
  writeFileSync(
    join(at, 'aixops.yaml'),
    `slack: { apiUrl: "${slack.apiUrl}" }\nssh: { connectTimeoutSeconds: 2 }\n`,
  );
  return at;
}

function check(at: string, env: NodeJS.ProcessEnv = good, ...more: string[]): Promise<Ended> {
  return aixops(['check', '--config', at, ...more], { env });
}

/** `ok Redis` and the like, one for each row. */
function rows(stdout: string): string[] {
  return stdout.split('\n').flatMap((line) => {
    const [, word, area, what] = /^(ok|problem) +(files|Redis|Slack|HMC|node) +([^,\s]+)/.exec(line) ?? [];
    return word === undefined
      ? []
      : [area === 'HMC' || area === 'node' ? `${word} ${what}` : `${word} ${area}`];
  });
}

describe.concurrent('check', { timeout: 60_000 }, () => {
  it('looks at files, Redis, Slack, HMCs and nodes, in this order, and says that all is well', async () => {
    const { code, stdout, stderr } = await check(config(['lpar1', 'lpar2']));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(rows(stdout)).toEqual(['ok files', 'ok Redis', 'ok Slack', 'ok hmc1', 'ok lpar1', 'ok lpar2']);
    expect(stdout).toMatch(/\n\nAll is well\.\n$/);
  });

  it('tells everything that is wrong at once: Redis and Slack away, nodes that do not let us in', async () => {
    const at = config(['lpar1', 'lpar2', 'lpar3', 'lpar5', 'lpar8'], (inventory) => {
      Object.assign(inventory.nodes.lpar2 ?? {}, { knownHosts: './nobody' });
      Object.assign(inventory.hmcs.hmc1 ?? {}, { port: 9 });
    });
    writeFileSync(join(at, 'aixops.yaml'), 'slack: { apiUrl: "http://127.0.0.1:9/api/" }\n');
    const env = { ...good, REDIS_URL: 'redis://:hunter2@127.0.0.1:9' };
    const { code, stdout } = await check(at, env);
    expect(code).toBe(1);
    expect(rows(stdout)).toEqual([
      ...['ok files', 'problem Redis', 'problem Slack', 'problem hmc1'],
      ...['ok lpar1', 'problem lpar2', 'problem lpar3', 'problem lpar5', 'problem lpar8'],
    ]);
    const says = [
      /Redis at redis:\/\/\*\*\*@127\.0\.0\.1:9 did not answer within 5 s .* Start it, or set REDIS_URL to where it is\./,
      /Slack at http:\/\/127\.0\.0\.1:9\/api\/ did not answer .*: look whether this machine may reach it/,
      /Connecting to hmc1 .* was refused: nothing listens there/,
      /Connecting to lpar2 .* its host key is not known\. Presented: \S+ SHA256:\S+\. .* pin it with: aixops enrol lpar2/,
      /Login as root on lpar3 .* was refused\. Offered: .*id_ed25519/,
      /Connecting to lpar8 .* its host key has CHANGED\. Pinned: .* Presented: .* aixops enrol lpar8/,
    ];
    for (const sentence of says) expect(stdout).toMatch(sentence);
    expect(stdout).not.toContain('hunter2');
    expect(stdout).toMatch(/\n\n7 problems to mend\.\n$/);
  });

  it('knows a Redis that would lose changes', async () => {
    const { code, stdout } = await check(config(['lpar1']), { ...good, REDIS_URL: weakRedis.url });
    expect(code).toBe(1);
    expect(stdout).toContain(
      '(maxmemory-policy allkeys-lru), and with them changes and jobs. Set maxmemory-policy noeviction.',
    );
    expect(stdout).toContain('(appendonly no): a restart loses changes and jobs. Set appendonly yes.');
  });

  it('tells a Redis that asks for a password from one that is away', async () => {
    const { stdout } = await check(config(['lpar1']), { ...good, REDIS_URL: lockedRedis.url });
    expect(stdout).toMatch(
      /does not let us in \(NOAUTH\)\. Set REDIS_URL with the right user and password\./,
    );
  });

  it('asks Slack about both tokens', async () => {
    const env = { ...good, SLACK_BOT_TOKEN: 'xoxb-of-another', SLACK_APP_TOKEN: 'xapp-of-another' };
    const { code, stdout } = await check(config(['lpar1']), env);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'The bot token was not accepted (invalid_auth). Slack does not know this token: copy it anew',
    );
    expect(stdout).toContain('The app token was not accepted (invalid_auth).');
    expect(stdout).not.toContain('of-another');
  });

  it('looks at all else when the tokens are missing, and says which variables they belong in', async () => {
    const { code, stdout } = await check(config(['lpar1']), { REDIS_URL: redis.url });
    expect(code).toBe(1);
    expect(rows(stdout)).toEqual(['ok files', 'ok Redis', 'problem Slack', 'ok hmc1', 'ok lpar1']);
    expect(stdout).toContain('Neither SLACK_BOT_TOKEN nor SLACK_BOT_TOKEN_FILE is set.');
    expect(stdout).toContain('Neither SLACK_APP_TOKEN nor SLACK_APP_TOKEN_FILE is set.');
  });

  it('lists every host without a pinned key, jump hosts too, and names lines that trust an authority', async () => {
    const at = config(['lpar1', 'lpar2'], (inventory) => {
      Object.assign(inventory, { bastions: { bastion1: { host: '127.0.0.9', port: 9 } } });
      Object.assign(inventory.nodes.lpar2 ?? {}, { jump: 'bastion1' });
    });
    const pinned = readFileSync(join(at, 'known_hosts'), 'utf8');
    const [, , key = ''] = /^(\S+) (ssh-ed25519 \S+)$/m.exec(pinned) ?? [];
    const kept = pinned.split('\n').filter((line) => line.startsWith('[127.0.1.5]'));
    writeFileSync(join(at, 'known_hosts'), [...kept, `@cert-authority * ${key}`, ''].join('\n'));
    const offline = await check(at, {}, '--offline');
    expect(offline.code).toBe(0);
    const says = [
      /ok {7}keys {4}1 of 4 hosts have a pinned key\n/,
      /No host key is pinned for bastion1, lpar1, lpar2\. Pin one with: aixops enrol NAME, or many with \/enrol all in Slack\./,
      /What was pinned from Slack is in Redis and not known here/,
      /Line 2 of \S+known_hosts trusts a certificate authority \(@cert-authority\)\. Host certificates are not supported, .* nothing connects to bastion1, lpar1, lpar2\./,
    ];
    for (const sentence of says) expect(offline.stdout).toMatch(sentence);
  });

  it('counts what was pinned from Slack, and names keys that contradict each other', async () => {
    const at = config(['lpar1', 'lpar2']);
    const lines = readFileSync(join(at, 'known_hosts'), 'utf8').split('\n');
    const [one = '', two = ''] = ['127.0.1.11', '127.0.1.12'].map((host) =>
      lines.find((line) => line.startsWith(`[${host}]`)),
    );
    writeFileSync(join(at, 'known_hosts'), lines.filter((line) => line !== one).join('\n'));
    const store = await startRedis({ folder: join(folder, 'pins') });
    const client = new Redis(store.url);
    for (const [line, keyOf] of [
      [one, one],
      [two, one],
    ] as const) {
      const [, host = '', port = ''] = /^\[(\S+)\]:(\d+) /.exec(line) ?? [];
      const [, type = '', key = ''] = keyOf.split(' ');
      const fingerprint = `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64')}`;
      const doc = JSON.stringify({ enrolment: 'e-1', keys: [{ type, key, fingerprint }] });
      await client.hset(`{aixops}:host-keys:${host}:${port}`, { enrolment: 'e-1', doc });
    }
    client.disconnect();
    const { code, stdout } = await check(at, { ...good, REDIS_URL: store.url });
    await store.stop();
    expect(code).toBe(1);
    expect(rows(stdout).slice(-3)).toEqual(['ok hmc1', 'ok lpar1', 'problem lpar2']);
    expect(stdout).toMatch(/ok {7}keys {4}3 of 3 hosts have a pinned key\n/);
    expect(stdout).toMatch(/Two different keys are pinned for lpar2: in \S+known_hosts ssh-ed25519 SHA256:/);
    expect(stdout).toMatch(/Connecting to lpar2 .* was refused: two different keys are pinned for it\./);
  });

  it('connects to nothing with --offline', async () => {
    const { code, stdout } = await check(config(['lpar7', 'lpar8']), {}, '--offline');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ok {7}files {3}\S+: 2 nodes, 1 HMC, 3 managed systems\nok {7}secret {2}[^\n]+\nok {7}digest {2}[^\n]+\nok {7}keys {4}[^\n]+\n\nAll is well\. Nothing was connected to/,
    );
    expect(estate.lab.node('lpar7').connections()).toBe(0);
  });

  it.each([['--offline'], ['online']])(
    'names every problem of every file with its line and key, %s',
    async (how) => {
      const at = join(folder, `wrong-${how}`);
      mkdirSync(at);
      writeFileSync(join(at, 'aixops.yaml'), 'ssh:\n  conectTimeoutSeconds: 3\n');
      writeFileSync(
        join(at, 'inventory.yaml'),
        'nodes:\n  lpar1:\n    host: 127.0.0.1\n    system: p9\n  lpar2: {}\n',
      );
      writeFileSync(join(at, 'policy.yaml'), 'approvers: 3\n');
      const { code, stdout, stderr } = await check(at, {}, ...(how === '--offline' ? [how] : []));
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      expect(stdout).toMatch(/^The settings have \d problems\. Nothing was connected to\.\n/);
      expect(stdout).toMatch(/aixops\.yaml:2 ssh\.conectTimeoutSeconds: .*connectTimeoutSeconds/);
      expect(stdout).toMatch(/inventory\.yaml:5 nodes\.lpar2\.host: /);
      expect(stdout).toMatch(/policy\.yaml:1 approvers: /);
      expect(stdout.includes('SLACK_BOT_TOKEN')).toBe(how === 'online');
    },
  );

  it('says that the settings folder is none', async () => {
    const { code, stdout } = await check(join(config(['lpar1']), 'inventory.yaml'), {}, '--offline');
    expect(code).toBe(1);
    expect(stdout).toContain('Name the folder that holds the settings.');
  });
});
