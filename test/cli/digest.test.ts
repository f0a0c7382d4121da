import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Level } from '../../src/core/verdict.js';
import type { Edition } from '../../src/digest/edition.js';
import { createOutbox } from '../../src/outbox/outbox.js';
import { keyPrefix } from '../../src/redis/connect.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { aixops, type Ended } from './aixops.js';
import { startEstate, type InventoryFile, type TestEstate } from './estate.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-digest-cli-'));
let estate: TestEstate;
let redis: RedisServer;

beforeAll(async () => {
  [estate, redis] = await Promise.all([startEstate(), startRedis({ folder: join(folder, 'redis') })]);
});
afterAll(async () => {
  await Promise.all([estate.stop(), redis.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Channel {
  readonly channel: string;
  readonly targets: readonly string[];
}

/** Settings with these channels; nothing of Slack is set, for the command line talks to none. */
function settings(channels: readonly Channel[], change?: (inventory: InventoryFile) => void): string {
  const at = estate.copy(change);
  const digest = { channels: channels.map((one) => ({ ...one, time: '08:30', zone: 'UTC' })) };
  writeFileSync(join(at, 'aixops.yaml'), JSON.stringify({ digest, ssh: { connectTimeoutSeconds: 2 } }));
  return at;
}

const away = ({ nodes }: InventoryFile): void => {
  for (const node of Object.values(nodes)) node['port'] = 1;
};

function digest(config: string, ...args: string[]): Promise<Ended> {
  return aixops(['digest', '--config', config, ...args], { env: { REDIS_URL: redis.url } });
}

function editions({ stdout }: Ended): readonly (Edition & { readonly verdict: Level })[] {
  return JSON.parse(stdout) as (Edition & { verdict: Level })[];
}

describe('digest --dry-run', { timeout: 60_000 }, () => {
  const dryRun = (config: string, ...args: string[]) => digest(config, '--dry-run', ...args);

  it('prints what ends, with owner and place, by the status of the worst, without Slack and Redis', async () => {
    const at = settings([{ channel: 'C0OPS', targets: ['lpar1', 'lpar2'] }]);
    const { code, stdout, stderr } = await aixops(['digest', '--dry-run', '--config', at]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toMatch(/^Certificates for C0OPS, \d{4}-\d\d-\d\d \(UTC\)\n/);
    expect(stdout).toMatch(
      /certificates on 2 hosts checked, next expiry \d{4}-\d\d-\d\d\. Every target answered\.\n/,
    );
    expect(stdout).toMatch(/^within 7d +\d{4}-\d\d-\d\d \(\d days left\) .+, owner .+\n +lpar1 \/.+$/m);
  });

  it('ends with 0 where nothing is near, and says that every target answered', async () => {
    const { code, stdout } = await dryRun(settings([{ channel: 'C0OPS', targets: ['lpar2'] }]));
    expect(stdout).toContain('Every target answered.');
    expect(code).toBe(0);
  });

  it('is of all targets where no channel is named', async () => {
    const { stdout } = await dryRun(settings([]), '--json');
    const [all, ...more] = JSON.parse(stdout) as Edition[];
    expect(more).toEqual([]);
    expect(all?.channel).toBe('');
    expect((all?.checked.hosts ?? 0) + (all?.notChecked.length ?? 0)).toBeGreaterThan(5);
  });

  it('names a host that does not answer, counts it as unknown, and says nothing of every target', async () => {
    const at = settings([{ channel: 'C0OPS', targets: ['lpar1', 'lpar2'] }], ({ nodes }) => {
      Object.assign(nodes['lpar1'] ?? {}, { port: 1 });
    });
    const printed = await dryRun(at);
    expect(printed.code).toBe(3);
    expect(printed.stdout).toMatch(/^not checked {2}lpar1: .*lpar1.* was refused/m);
    expect(printed.stdout).not.toContain('Every target answered');
    const [edition] = editions(await dryRun(at, '--json'));
    expect(edition).toMatchObject({
      verdict: 'unknown',
      checked: { hosts: 1 },
      notChecked: [{ target: 'lpar1' }],
    });

    // Of a node of which nothing is declared nothing is said: nobody looked there.
    const [undeclared] = editions(
      await dryRun(settings([{ channel: 'C0OPS', targets: ['lpar2', 'lpar4'] }]), '--json'),
    );
    expect(undeclared).toMatchObject({ verdict: 'ok', checked: { hosts: 1 }, notChecked: [] });
  });

  it('says that nothing is known where no host answers', async () => {
    const { code, stdout } = await dryRun(
      settings([{ channel: 'C0OPS', targets: ['lpar1', 'lpar2'] }], away),
    );
    expect(code).toBe(3);
    expect(stdout).toContain('0 certificates on 0 hosts checked.');
    expect(stdout).toContain('Nothing is known of any certificate.');
    for (const name of ['lpar1', 'lpar2']) expect(stdout).toContain(`not checked  ${name}: `);
    expect(stdout).not.toMatch(/None ends|Every target/);
  });

  it('ends with 64 on a target that names nothing', async () => {
    const { code, stdout, stderr } = await dryRun(settings([{ channel: 'C0OPS', targets: ['lpar99'] }]));
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('lpar99');
  });
});

describe('digest', { timeout: 60_000 }, () => {
  it('says what to do where no channel is named, and reads nothing', async () => {
    const { code, stdout, stderr } = await digest(settings([]));
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('aixops.yaml names no channel for the digest, so there is nowhere to post it.');
    expect(stderr).toContain('Nothing was read.');
    expect(stderr).toContain('Name one under digest: channels, or print it with --dry-run.');
  });

  it('ends with 3 where Redis is away, and says that there is one to start', async () => {
    const at = settings([{ channel: 'C0OPS', targets: ['lpar2'] }]);
    const { code, stderr } = await aixops(['digest', '--config', at], {
      env: { REDIS_URL: 'redis://127.0.0.1:9' },
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/Redis at redis:\/\/127\.0\.0\.1:9 did not answer .* Start it, or set REDIS_URL/);
  });

  it('hands today’s digest to the bot once, with its thread; asked again it shows that one', async () => {
    const at = settings([
      { channel: 'C0BUSYDAY', targets: ['lpar1'] },
      { channel: 'C0QUIETDAY', targets: ['lpar2'] },
    ]);
    const first = await digest(at, '--json');
    const [busy, quiet] = editions(first);
    expect(first.code).toBe(2);
    expect([busy?.verdict, quiet?.verdict]).toEqual(['crit', 'ok']);
    expect(first.stderr.match(/: handed to the bot, which posts it\.$/gm)).toHaveLength(2);
    const kept = await waiting('C0BUSYDAY');
    expect(kept).toContain(`digest:${busy?.id}`);
    expect(kept.length).toBeGreaterThan(1);
    expect(await waiting('C0QUIETDAY')).toEqual([`digest:${quiet?.id}`]);

    const again = await digest(at, '--json');
    expect(again.code).toBe(2);
    expect(editions(again)).toEqual(editions(first));
    expect(again.stderr).toContain('posted already; this is what was posted. Nothing was posted again.');
    expect(await waiting('C0BUSYDAY')).toEqual(kept);
  });

  it('is posted on a day on which nothing answers too: it says that it knows nothing', async () => {
    const at = settings([{ channel: 'C0DARKDAY', targets: ['lpar1', 'lpar2'] }], away);
    const { code, stdout } = await digest(at);
    expect(code).toBe(3);
    expect(stdout).toContain('Nothing is known of any certificate.');
    expect(await text('C0DARKDAY')).toMatch(
      /^\? \*Certificates, .*: no host could be read\.\*.*\n.*Not checked \(2\).*lpar1, lpar2/,
    );
  });
});

/** The keys of the messages that wait for Slack in a channel. */
async function waiting(channel: string): Promise<readonly string[]> {
  const client = new Redis(redis.url);
  const keys = await client.keys(`${keyPrefix}outbox:entry:digest:${channel}-*`);
  client.disconnect();
  return keys.map((key) => key.replace(`${keyPrefix}outbox:entry:`, '')).sort();
}

/** The text of the first message that waits in a channel. */
async function text(channel: string): Promise<string> {
  const client = new Redis(redis.url);
  const [entry] = await createOutbox(client, keyPrefix, () => Promise.resolve()).queue(channel, 1);
  client.disconnect();
  return entry?.content.kind === 'message' ? entry.content.message.text : '';
}
