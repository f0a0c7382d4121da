/**
 * A process that reads, judges and posts a digest as a worker does, and says in JSON what each part cost. Words: the folder of
 * settings, the file with the pool of certificates, how many files a node has, the milliseconds since the tape was made.
 */
import { readFileSync } from 'node:fs';
import pino from 'pino';
import { postDaily } from '../../jobs/expiry-digest.js';
import type { Tools } from '../../jobs/tools.js';
import { createCertificateParser } from '../../src/certificates/parser.js';
import { readSettings } from '../../src/cli/context.js';
import { share, workerTools } from '../../src/compose.js';
import type { Edition } from '../../src/digest/edition.js';
import { watchLoop, type Blocked } from './loop-watch.js';

/** One part of the work. */
export interface DigestPart {
  readonly part: string;
  readonly wallMs: number;
  /** Of all threads of the process. */
  readonly cpuMs: number;
  readonly blocked: Blocked;
}

export interface DigestRun {
  readonly parts: readonly DigestPart[];
  readonly parsed: { readonly certificates: number; readonly problems: number; readonly different: number };
  readonly edition: Pick<Edition, 'checked' | 'counts' | 'year' | 'notChecked'> & { readonly lines: number };
  readonly messages: number;
  readonly picture: boolean;
  readonly peakRssBytes: number;
}

const [folder = '.', poolFile = '', perNode = '10', tapedAgoMs = '0'] = process.argv.slice(2);
const channel = {
  ...{ channel: 'C0BENCH', time: '00:00', zone: 'UTC' },
  ...{ targets: ['all'], days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const },
};

const parts: DigestPart[] = [];

async function measured<T>(part: string, work: () => Promise<T>): Promise<T> {
  const [begunAt, cpu, loop] = [performance.now(), process.cpuUsage(), watchLoop()];
  try {
    return await work();
  } finally {
    const { user, system } = process.cpuUsage(cpu);
    const blocked = loop.stop();
    parts.push({ part, wallMs: performance.now() - begunAt, cpuMs: (user + system) / 1000, blocked });
  }
}

async function parse(): Promise<DigestRun['parsed']> {
  const pool = JSON.parse(readFileSync(poolFile, 'utf8')) as readonly string[];
  const [size, parser] = [Number(perNode), createCertificateParser()];
  const texts = Array.from({ length: pool.length / size }, (_, n) =>
    pool.slice(n * size, (n + 1) * size).join(''),
  );
  // The thread of the second reader takes a while to begin, whatever comes then.
  await parser.readPem(pool[0] ?? '');
  const read = await measured('parse', () => Promise.all(texts.map((text) => parser.readPem(text))));
  await parser.close();
  const all = read.flat();
  return {
    certificates: all.filter(({ certificate }) => certificate !== null).length,
    problems: all.filter(({ problem }) => problem !== null).length,
    different: new Set(all.map(({ certificate }) => certificate?.fingerprint256)).size,
  };
}

/** The tools of a worker, with a clock that says when the tape was made: the nodes' clocks stand there. */
async function open(): Promise<{ tools: Tools; close: () => Promise<void> }> {
  const settings = readSettings(folder, false);
  if (!('config' in settings)) throw new Error(JSON.stringify(settings));
  const log = pino({ level: 'silent' });
  const shared = await share(settings, log, 'worker');
  const clock = (): number => Date.now() - Number(tapedAgoMs);
  const tools = workerTools(settings, { ...shared, clock }, () => false, log);
  return {
    tools,
    close: async () => {
      await Promise.all([tools.ssh.close(), tools.certificates.close()]);
      await shared.close();
    },
  };
}

async function whole(tools: Tools): Promise<Omit<DigestRun, 'parts' | 'parsed' | 'peakRssBytes'>> {
  const kept: { edition: Edition | null; messages: number; picture: boolean } = {
    ...{ edition: null, messages: 0, picture: false },
  };
  const put = (): void => void (kept.messages += 1);
  const { outbox, digest } = tools;
  const watched: Tools = {
    ...tools,
    readNodes: (...args) => measured('read', () => tools.readNodes(...args)),
    drawYear: async (year) => {
      const drawn = await measured('draw', () => tools.drawYear(year));
      kept.picture = drawn !== null;
      return drawn;
    },
    outbox: {
      ...outbox,
      put: (...args) => outbox.put(...args).then(put),
      putOnce: (...args) => outbox.putOnce(...args).then(put),
    },
    digest: {
      ...digest,
      keepDaily: (edition, memory) => measured('keep', () => digest.keepDaily(edition, memory)),
    },
  };
  const date = new Date(tools.clock()).toISOString().slice(0, 10);
  kept.edition = await measured('whole', () => postDaily(channel, date, watched));
  if (kept.edition === null) throw new Error('no edition was made');
  const { checked, counts, year, notChecked, lines } = kept.edition;
  const edition = { checked, counts, year, notChecked, lines: lines.length };
  return { edition, messages: kept.messages, picture: kept.picture };
}

const parsed = await parse();
const { tools, close } = await open();
const done = await whole(tools);
// What a scrape of the metrics and the next edition begin with.
await measured('remember', () => tools.digest.memory(channel.channel));
await close();
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ parts, parsed, ...done, peakRssBytes } satisfies DigestRun)}\n`);
