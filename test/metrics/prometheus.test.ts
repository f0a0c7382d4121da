import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../jobs/diagnose.js';
import type { Change } from '../../src/approval/states.js';
import { checkpointOf } from '../../src/audit/checkpoint.js';
import { createTrail } from '../../src/audit/trail.js';
import type { Edition } from '../../src/digest/edition.js';
import { keyPrefix } from '../../src/redis/connect.js';
import { exampleChange, examplePlan } from '../approval/example-change.js';
import { nodeCertificates } from './example-memory.js';
import { findPart, installLine } from '../lab/system-parts.js';
import type { PrometheusServer } from '../lab/prometheus.js';
import { openLiveBench, type LiveBench } from './live-bench.js';

const hasPrometheus = (await findPart('prometheus')) !== null;
if (!hasPrometheus && process.env['CI'] !== 'true')
  process.stdout.write(`The tests with Prometheus are skipped. ${installLine('prometheus')}\n`);

// Where it is past two in the morning now, the digest of midnight is late by more than an hour.
const zone = new Date().getUTCHours() < 2 ? 'Asia/Tokyo' : 'UTC';
const channel = 'C0DIGEST';
const hourMs = 3_600_000;

let live: LiveBench;
let prometheus: PrometheusServer;

describe.runIf(hasPrometheus || process.env['CI'] === 'true')(
  'a Prometheus server',
  { timeout: 120_000 },
  () => {
    beforeAll(async () => {
      live = await openLiveBench(
        `digest: { channels: [{ channel: ${channel}, time: "00:00", zone: ${zone} }] }`,
      );
      await plantTroubles();
      prometheus = await live.scrape();
    }, 120_000);
    afterAll(async () => {
      await live.stop();
    });

    it('scrapes every process, and takes all that it is given', async () => {
      await expect
        .poll(async () => (await prometheus.targets()).map(({ health, error }) => `${health} ${error}`), {
          timeout: 60_000,
        })
        .toEqual(['up ', 'up ']);
    });

    it('fires each alert whose trouble is there', async () => {
      await diagnoseGarbage();
      const wanted = [
        'AixopsAnswerNotUnderstood',
        'AixopsApprovalExpiring',
        'AixopsAuditBehind',
        'AixopsChangeOverdue',
        'AixopsChangeStuck',
        'AixopsNoDigest',
        'AixopsNoWorkerReady',
        'AixopsOutboxDelayed',
        'AixopsQueueNotTaken',
        'AixopsRedisSettings',
        'AixopsSlackLimited',
        'AixopsUnknownOutcome',
      ];
      // A bot on a Redis that throws keys away says sooner or later that it is not ready.
      const others = async () => (await firing()).filter((name) => name !== 'AixopsNoBotReady');
      await expect.poll(others, { timeout: 90_000 }).toEqual(wanted);
      for (const { name, annotations } of await prometheus.firing()) {
        const said = Object.values(annotations).join(' ');
        expect(said, name).not.toMatch(/\{\{|error|<no value>/i);
      }
      const unread = (await prometheus.firing()).find(({ name }) => name === 'AixopsAnswerNotUnderstood');
      expect(unread?.labels['command']).toBe('rmcdomainstatus');
    });

    it('fires when records of the audit trail are missing', async () => {
      const at = new Date().toISOString();
      const claim = { kind: 'checkpoint', sequence: 1_000_000, hash: 'f'.repeat(64), at } as const;
      await createTrail(live.shared.redis, keyPrefix).addCheckpoint(checkpointOf(claim, null));
      await expect.poll(firing, { timeout: 60_000 }).toContain('AixopsAuditShort');
      expect(await firing()).not.toContain('AixopsAuditBehind');
    });

    it('has every metric of the rules and the dashboard, and the manual has every metric', async () => {
      const bodies = await Promise.all(live.urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
      const exported = new Set(
        bodies.flatMap((body) => [...body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)),
      );
      for (const file of ['helm/files/aixops.rules.yaml', 'helm/files/aixops-dashboard.json']) {
        const unknown = metricsIn(text(file)).filter((name) => !exported.has(name));
        expect(unknown, file).toEqual([]);
      }
      const documented = new Set(
        [...text('docs/operations/metrics.md').matchAll(/^\| `(?<name>\w+)`/gm)].map(([, name]) => name),
      );
      expect([...exported].filter((name) => !documented.has(name)).sort()).toEqual([]);
      expect([...documented].filter((name) => !exported.has(name)).sort()).toEqual([]);
    });

    it('fires when state cannot be read and no bot is ready, and has no old numbers then', async () => {
      await live.bench.redis.stop();
      await expect
        .poll(firing, { timeout: 90_000 })
        .toEqual(expect.arrayContaining(['AixopsNoBotReady', 'AixopsStateUnreadable']));
      await expect.poll(firing, { timeout: 60_000 }).not.toContain('AixopsUnknownOutcome');
      const [bot] = live.urls;
      expect(await (await fetch(`${bot}/metrics`)).text()).not.toContain('aixops_changes{');
    });
  },
);

async function firing(): Promise<readonly string[]> {
  return [...new Set((await prometheus.firing()).map(({ name }) => name))].sort();
}

function text(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** The names of metrics in queries; a histogram's parts count as the histogram. */
function metricsIn(queries: string): readonly string[] {
  const names = queries.matchAll(/\b(?:aixops_[a-z0-9_]+|x509_cert_\w+)\b/g);
  return [...new Set([...names].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, '')))];
}

/** Everything that the alerts are for, made as it comes about: by the stores, a refusing Slack, and a node's garbage. */
async function plantTroubles(): Promise<void> {
  const { shared, slack, bench } = live;
  const now = Date.now();
  await changeIn('unknown', now, ['approve', 'run', 'lose']);
  await changeIn('stuck', now - 2 * hourMs, ['approve', 'run']);
  await shared.changes.setDue('c-stuck', now - hourMs);
  await shared.changes.create({
    ...changeOf('expiring', now),
    expiresAt: new Date(now + 300_000).toISOString(),
  });
  await postYesterday();
  slack.faults({ method: 'chat.postMessage', kind: '429', times: 0, retryAfter: 1 });
  await bench.lab.node('lpar1').setScenario('garbage');
  await shared.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
}

/** A job that waits for a worker for ever; what it does is done by hand. */
async function diagnoseGarbage(): Promise<void> {
  const { bench, tools } = live;
  const origin = { teamId: 'T1', channel: 'C0OPS', user: 'UALICE', threadTs: null };
  const wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'], now: true } as const;
  const { id } = await bench.desk.submit(wish, '/rmc-status lpar1', origin);
  await diagnose(id, tools, new AbortController().signal);
}

function changeOf(name: string, atMs: number): Change {
  const at = new Date(atMs).toISOString();
  return exampleChange({
    id: `c-${name}`,
    plan: { ...examplePlan, target: name, locks: [`node:${name}`] },
    createdAt: at,
    expiresAt: new Date(atMs + 24 * hourMs).toISOString(),
    history: [{ at, move: 'propose', by: 'UALICE', note: '' }],
  });
}

async function changeIn(
  name: string,
  atMs: number,
  moves: readonly ('approve' | 'run' | 'lose')[],
): Promise<void> {
  await live.shared.changes.create(changeOf(name, atMs));
  for (const move of moves) {
    const by = { user: 'UBOB', at: new Date(atMs).toISOString(), note: '' };
    const moved = await live.shared.changes.move(`c-${name}`, move, by);
    expect(moved.kind).toBe('moved');
  }
}

/** A digest that was posted yesterday, with a certificate in it. */
async function postYesterday(): Promise<void> {
  const yesterday = new Date(Date.now() - 48 * hourMs).toISOString();
  const date = yesterday.slice(0, 10);
  const edition = { id: `${channel}-${date}`, channel, date, at: yesterday, lines: [] } as unknown as Edition;
  await live.shared.digest.keepDaily(edition, nodeCertificates(date, yesterday));
  await live.shared.digest.markPosted(edition);
}
