import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../jobs/diagnose.js';
import type { Tools } from '../../jobs/tools.js';
import { workerTools } from '../../src/compose.js';
import type { Origin, Request, Wish } from '../../src/core/request.js';
import { certificateFor } from '../lab/certificates.js';
import { recordOutput } from '../run/recorded-node.js';
import { openWorkbench, type Workbench } from './workbench.js';

const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
const never = new AbortController().signal;
const logged: string[] = [];
let bench: Workbench;
let tools: Tools;
let left: () => string;

beforeAll(async () => {
  bench = await openWorkbench();
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged.push(chunk.toString());
      done();
    },
  });
  tools = workerTools(bench.settings, bench.shared, () => false, pino({ level: 'trace' }, stream));
  left = recordOutput(bench.lab.node('lpar1'));
}, 60_000);
afterAll(async () => {
  await Promise.all([tools.ssh.close(), tools.certificates.close(), bench.tools.certificates.close()]);
  await bench.stop();
});

async function ask(targets: readonly string[]): Promise<Request> {
  const wish: Wish = { job: 'diagnose', diagnostic: 'certificates', targets: [...targets] };
  const request = await bench.desk.submit(wish, `certificates ${targets.join(' ')}`, alice);
  await diagnose(request.id, tools, never);
  const done = await bench.shared.requests.get(request.id);
  if (done === null) throw new Error('the request is gone');
  return done;
}

/** Everything in Redis as text: requests, messages that wait for Slack, the audit trail, the queues. */
async function stored(): Promise<string> {
  const { redis } = bench.shared;
  const texts: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const value =
      type === 'string'
        ? await redis.getBuffer(key).then(String)
        : type === 'hash'
          ? await redis.hgetall(key)
          : type === 'list'
            ? await redis.lrange(key, 0, -1)
            : type === 'set'
              ? await redis.smembers(key)
              : type === 'zset'
                ? await redis.zrange(key, '0', '-1')
                : await redis.xrange(key, '-', '+');
    texts.push(`${key} ${type} ${JSON.stringify(value)}`);
  }
  return texts.join('\n');
}

describe('a job that reads certificates', { timeout: 60_000 }, () => {
  it('posts when they expire, and leaves no trace of a key on the wire, in Redis, in the log or in a message', async () => {
    const { good, old } = {
      good: certificateFor(bench.lab.folder, 'good.example', 3),
      old: certificateFor(bench.lab.folder, 'old.example', -40),
    };
    const folder = join(bench.lab.node('lpar1').root, 'ssl_nimsh/certs');
    mkdirSync(folder, { recursive: true });
    const cut = good.certificate.replace(/-----END.*\n/, '');
    const files: Readonly<Record<string, string>> = {
      'both.pem': good.key + good.certificate + old.key + old.certificate,
      'cut.pem': cut + good.key + old.certificate,
      'glued.pem': good.certificate.trimEnd() + good.key + old.certificate,
      'key.pem': old.key,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    execFileSync('mkfifo', [join(folder, 'fifo.pem')]);

    const request = await ask(['lpar1']);
    expect(request.phase).toBe('done');
    const [verdict] = request.verdicts;
    expect(verdict?.verdict).toBe('crit');
    expect([...new Set(verdict?.findings.map(({ id }) => id))].sort()).toEqual([
      'cert.expired',
      'cert.expiring',
      'cert.unreadable',
    ]);

    const inRedis = await stored();
    expect(inRedis).toContain('good.example');
    expect(left()).toContain('BEGIN CERTIFICATE');
    const everything = [left(), inRedis, logged.join('')].join('\n');
    expect(everything.split('\n').filter((line) => line.includes('PRIVATE KEY'))).toEqual([]);
    const body = (key: string) => key.split('\n').filter((line) => line !== '' && !line.includes('-----'));
    const lines = [...body(good.key), ...body(old.key)];
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.filter((line) => everything.includes(line))).toEqual([]);
  });

  it('says of a node without declared certificates that none was looked at, and does not log in', async () => {
    const before = bench.lab.node('lpar4').connections();
    const request = await ask(['lpar4']);
    expect(request.verdicts).toMatchObject([
      {
        target: 'lpar4',
        verdict: 'ok',
        findings: [],
        note: expect.stringContaining('none was looked at') as string,
      },
    ]);
    expect(bench.lab.node('lpar4').connections()).toBe(before);
  });
});
