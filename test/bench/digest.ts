/** The digest of many certificates: reading the text alone, and all of it from the nodes to the outbox. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../lab/redis-server.js';
import { startReplay } from '../lab/replay/replay-lab.js';
import { bench } from './bench.js';
import { certificatePool, type Pool } from './certificate-pool.js';
import type { DigestPart, DigestRun } from './digest-process.js';
import { measure, median } from './measure.js';
import { record } from './record.js';
import { atMost, shown, type Result, type Row } from './table.js';

interface Size {
  readonly nodes: number;
  readonly runs: number;
}

const lparsPerSystem = 10;
const perNode = 10;
const parseMostMs = 5_000;
const blockMostMs = 50;
const digestProcess = fileURLToPath(new URL('./digest-process.js', import.meta.url));

const files = Array.from({ length: perNode }, (_, at) => `/etc/ssl/${at < 6 ? 'app' : 'mq'}/server${at}.pem`);
const rules = [
  { nodes: 'all', files: ['/etc/ssl/app/*.pem'], owner: '@app-team' },
  { nodes: 'all', files: ['/etc/ssl/mq/*.pem'], owner: '@mq-team' },
];

/** The benchmark. */
export const digestBench = bench<Size>({
  name: 'digest',
  title: 'which of ten certificates on each of many nodes expire',
  full: { nodes: 1000, runs: 3 },
  quick: { nodes: 100, runs: 1 },
  run,
});

async function run({ nodes, runs }: Size): Promise<Omit<Result, 'bench' | 'title'>> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-digest-bench-'));
  const [tapeFile, poolFile] = [join(folder, 'tape.json'), join(folder, 'pool.json')];
  const pool = certificatePool(nodes * perNode, Date.now());
  writeFileSync(poolFile, JSON.stringify(pool.texts));
  const tapedAt = Date.now();
  await record(tapeFile, {
    ...{ lpars: lparsPerSystem, diagnostics: ['certificates'], certificates: { files, rules } },
  });
  const redis = await startRedis({ folder: join(folder, 'redis'), lines: ['appendfsync everysec'] });
  try {
    const lab = await startReplay({
      ...{ tapeFile, folder: join(folder, 'config'), hmcs: 1, systems: nodes / lparsPerSystem },
      ...{ lparsPerSystem, roundTripMs: 20, remoteMs: 20, certificates: { rules, poolFile, perNode } },
    });
    try {
      const done: DigestRun[] = [];
      while (done.length < runs) {
        const words = [lab.config, poolFile, String(perNode), String(Date.now() - tapedAt)];
        const cost = await measure(process.execPath, [digestProcess, ...words], {
          // A database of its own: none remembers what the one before found.
          env: { REDIS_URL: `${redis.url}/${done.length}` },
        });
        if (cost.exitCode !== 0) throw new Error(`the digest failed: ${cost.stderr.slice(-600)}`);
        const one = JSON.parse(cost.stdout) as DigestRun;
        check(one, pool, nodes);
        done.push(one);
      }
      const { counts } = await lab.cost();
      if (counts.unknown.length > 0) throw new Error(`not on the tape: ${counts.unknown[0] ?? ''}`);
      return tableOf(done, nodes);
    } finally {
      await lab.stop();
    }
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(runs: readonly DigestRun[], nodes: number): Omit<Result, 'bench' | 'title'> {
  const ordered = ['parse', 'read', 'keep', 'draw', 'whole', 'remember'].map((name) => middle(name, runs));
  const parsing = ordered[0]?.wallMs ?? NaN;
  const blocks = runs.map(longestBlock);
  const messages = runs[0]?.messages ?? 0;
  return {
    rows: ordered.map(rowOf),
    targets: [
      atMost(`parse ${nodes * perNode} certificates`, parsing / 1000, parseMostMs / 1000, 's'),
      atMost('longest time in which nothing else had its turn', median(blocks), blockMostMs, 'ms'),
    ],
    notes: [
      `${nodes} replayed nodes with ${perNode} certificates each, every one another; all were read, none in doubt, and the digest has as many of each band as were made`,
      'parse: both readers, text of one node after the other; read: over cold connections, 20 ms round trip; keep: edition and memory into Redis; draw: the picture; whole: from the first login to the last of ' +
        `${messages} messages in the outbox; remember: what the next edition and a scrape begin with`,
      'longest block: by the clock, and the processor time that our thread took in such a spell; the smaller one is held against the target, for what other processes take is not ours',
      `medians of ${runs.length === 1 ? 'one run' : `${runs.length} runs`}; the longest block of each: ${blocks.map((ms) => `${shown(ms)} ms`).join(', ')}; most memory: ${Math.round(Math.max(...runs.map((one) => one.peakRssBytes)) / 1e6)} MB`,
    ],
  };
}

/** A part's medians over all runs. */
function middle(name: string, runs: readonly DigestRun[]): DigestPart {
  const all = runs.flatMap(({ parts }) => parts.filter(({ part }) => part === name));
  const of = (value: (one: DigestPart) => number): number => median(all.map(value));
  return {
    part: name,
    ...{ wallMs: of(({ wallMs }) => wallMs), cpuMs: of(({ cpuMs }) => cpuMs) },
    blocked: {
      wallMs: of(({ blocked }) => blocked.wallMs),
      cpuMs: of(({ blocked }) => blocked.cpuMs ?? NaN),
    },
  };
}

function longestBlock({ parts }: DigestRun): number {
  return Math.max(...parts.map(({ blocked: { wallMs, cpuMs } }) => Math.min(wallMs, cpuMs ?? wallMs)));
}

function rowOf({ part, wallMs, cpuMs, blocked }: DigestPart): Row {
  return {
    part,
    ...{ 'wall s': wallMs / 1000, 'CPU s': cpuMs / 1000 },
    ...{
      'longest block ms': blocked.wallMs,
      'of it CPU ms': Number.isNaN(blocked.cpuMs) ? null : blocked.cpuMs,
    },
  };
}

/** Nothing may get faster by doing less. */
function check({ parsed, edition, messages, picture }: DigestRun, pool: Pool, nodes: number): void {
  const count = nodes * perNode;
  const { counts, checked, notChecked } = edition;
  const said = {
    parsed: parsed.certificates,
    different: parsed.different,
    doubts: parsed.problems,
    checked: checked.certificates,
    hosts: checked.hosts,
    notChecked: notChecked.length,
    expired: counts.expired,
    within30: counts.expired + counts['1d'] + counts['7d'] + counts['14d'] + counts['30d'],
    hasMessages: messages > 3,
    hasPicture: picture,
  };
  const expected = {
    ...{ parsed: count, different: count, doubts: 0, checked: count, hosts: nodes, notChecked: 0 },
    ...{ expired: pool.endWithin(0), within30: pool.endWithin(30), hasMessages: true, hasPicture: true },
  };
  if (JSON.stringify(said) !== JSON.stringify(expected))
    throw new Error(`the digest is wrong: ${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`);
}
