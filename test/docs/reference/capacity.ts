/** docs/capacity.md: its text is written by hand, its figures come from the kept results of the benchmarks. */
import { picturesFolder, type Kept } from '../../bench/keep.js';
import { takenShare } from '../../bench/machine.js';
import { shown, type Result, type Row } from '../../bench/table.js';
import { hmcQuestions, loginSweepS, needOf, supposed, type Measured, type Need } from './capacity-model.js';
import { list, prose, table } from './markdown.js';

type AllKept = ReadonlyMap<string, Kept>;

/** A place of the page: what stands between its two comments is generated. */
const place = /(?<open><!-- (?<kind>bench|model): (?<name>[\w-]+) -->\n)[\s\S]*?(?<close><!-- end -->)/g;

/** The page with everything generated in it. Throws for a place that nothing is made for. */
export function filledPage(text: string, kept: AllKept): string {
  return text.replace(place, (...found) => {
    const { open, kind, name, close } = found.at(-1) as Record<string, string>;
    const made = kind === 'bench' ? benchPart(name ?? '', kept) : modelPart(name ?? '', kept);
    return `${open ?? ''}\n${made}\n\n${close ?? ''}`;
  });
}

/** The benchmarks that have a place in the page. */
export function placesOf(text: string): readonly string[] {
  return [...text.matchAll(place)].flatMap(({ groups }) =>
    groups?.['kind'] === 'bench' ? [groups['name'] ?? ''] : [],
  );
}

function notYet(name: string): string {
  return `*No figures are kept yet: \`npm run bench -- ${name} --keep\` measures them here.*`;
}

function benchPart(name: string, kept: AllKept): string {
  const one = kept.get(name);
  if (one === undefined) return notYet(name);
  const { result } = one;
  return [
    rowsTable(result.rows),
    ...pictures(result),
    ...(result.targets.length === 0 ? [] : [list(result.targets.map(targetLine))]),
    list(result.notes.map((note) => `${prose(note)}.`)),
    whence(one),
  ].join('\n\n');
}

function rowsTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return table(
    columns,
    rows.map((row) => columns.map((column) => prose(shown(row[column] ?? null)))),
  );
}

function pictures({ pictures: drawn = [] }: Result): readonly string[] {
  const folder = picturesFolder.replace(/^docs\//, '');
  return drawn.map(({ name, title }) => `![${title}](${folder}/bench-${name}.svg)`);
}

function targetLine({ text, isMet }: Result['targets'][number]): string {
  return `${isMet ? 'met' : '**MISSED**'}: ${prose(text)}`;
}

function whence({ date, commit, isDirty, quick, facts, othersUse, hostTook = 0 }: Kept): string {
  const busy =
    othersUse > 0.1 ? `, while others used ${Math.round(othersUse * 100)} % of its processors` : '';
  const slow =
    hostTook > takenShare
      ? `, while its host kept ${Math.round(hostTook * 100)} % of their time from it`
      : '';
  return (
    `*${date.slice(0, 10)}, commit ${commit}${isDirty ? ' with changes' : ''}${quick ? ', in the small size' : ''}, ` +
    `on ${facts.cores} cores (${facts.processor})${busy}${slow}; Node ${facts.node}.*`
  );
}

const sizes = [100, 1_000, 10_000, 100_000] as const;

function modelPart(name: string, kept: AllKept): string {
  const measured = measuredIn(kept);
  if (measured === null) return notYet('sweep-login memory');
  if (name === 'needs') return needsTable(sizes.map((lpars) => needOf(lpars, measured)));
  if (name === 'constants') return constantsTable(measured);
  if (name === 'check') return checkTable(kept, measured);
  throw new Error(`docs/capacity.md: nothing is made for the place "${name}"`);
}

function measuredIn(kept: AllKept): Measured | null {
  const of = (bench: string): Readonly<Record<string, number>> => kept.get(bench)?.result.figures ?? {};
  const all = { ...of('sweep-login'), ...of('memory') };
  const names = [
    ...(['coldCpuMs', 'warmCpuMs', 'idleRssBytes', 'connectionRssBytes'] as const),
    ...(['redisIdleBytes', 'redisBytesPerRequest', 'redisBytesPerSweptNode'] as const),
  ];
  if (names.some((name) => !Number.isFinite(all[name]))) return null;
  return Object.fromEntries(names.map((name) => [name, all[name]])) as unknown as Measured;
}

function constantsTable(measured: Measured): string {
  const { once, perSystem } = hmcQuestions();
  const ms = (value: number): string => `${shown(value)} ms`;
  return table(
    ['what', 'how much', 'from'],
    [
      [
        'processor time for one node, cold: connecting, logging in, asking, judging',
        ms(measured.coldCpuMs),
        'sweep-login',
      ],
      ['the same, warm', ms(measured.warmCpuMs), 'sweep-login'],
      ['a worker that does nothing', bytes(measured.idleRssBytes), 'memory'],
      ['one open connection', bytes(measured.connectionRssBytes), 'memory'],
      ['one request of one node, in Redis', bytes(measured.redisBytesPerRequest), 'memory'],
      ['one node within a sweep, in Redis', bytes(measured.redisBytesPerSweptNode), 'memory'],
      ['commands to an HMC for `rmc`, whatever it manages', String(once), 'the diagnostic'],
      ['commands to an HMC for `rmc`, for each managed system', String(perSystem), 'the diagnostic'],
    ],
  );
}

function needsTable(needs: readonly Need[]): string {
  return table(
    [
      'LPARs',
      'HMCs',
      'state of all, from the HMCs',
      'log in to all, 1 worker, cold',
      'warm',
      'workers',
      'memory of each',
      'Redis',
    ],
    needs.map((need) => [
      need.lpars.toLocaleString('en-US'),
      String(need.hmcs),
      time(need.hmcSweepS),
      time(need.coldSweepS),
      time(need.warmSweepS),
      String(need.workers),
      bytes(need.workerBytes),
      bytes(need.redisBytes),
    ]),
  );
}

/** What the model says of what was measured: whoever trusts it for more should see how it does there. */
function checkTable(kept: AllKept, measured: Measured): string {
  const rows = (kept.get('sweep-login')?.result.rows ?? []).filter(({ tool }) =>
    String(tool).startsWith('aixops'),
  );
  return table(
    ['nodes', 'round trip', 'connections', 'measured', 'model', 'measured / model'],
    rows.map((row) => {
      const how = row['tool'] === 'aixops, warm' ? 'warm' : 'cold';
      const model = loginSweepS(Number(row['nodes']), {
        ...{ roundTrips: supposed.roundTrips[how], delayMs: Number(row['delay ms']), workers: 1 },
        cpuMs: how === 'warm' ? measured.warmCpuMs : measured.coldCpuMs,
      });
      const wall = Number(row['wall s']);
      return [
        shown(row['nodes'] ?? null),
        `${shown(row['delay ms'] ?? null)} ms`,
        how,
        time(wall),
        time(model),
        shown(wall / model),
      ];
    }),
  );
}

function time(seconds: number): string {
  if (seconds < 90) return `${shown(seconds)} s`;
  return seconds < 5_400 ? `${shown(seconds / 60)} min` : `${shown(seconds / 3_600)} h`;
}

function bytes(value: number): string {
  if (value < 1e6) return `${shown(value / 1e3)} kB`;
  return value < 1e9 ? `${shown(value / 1e6)} MB` : `${shown(value / 1e9)} GB`;
}
