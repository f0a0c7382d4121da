import type { Command } from 'commander';
import { matrixLegend, matrixLines } from '../core/pair-matrix.js';
import { worst, type Finding, type Level, type Verdict } from '../core/verdict.js';
import { chooseSubjects, namedAlone } from '../inventory/choose.js';
import { examine } from '../run/examine.js';
import { boundsOf } from '../run/limits.js';
import type { Surveyed } from '../run/survey.js';
import { diagnostics, findDiagnostic } from '../runbooks/index.js';
import type { AnyDiagnostic } from '../runbooks/definition.js';
import { sshOnly, sweepLimitsOf, type SshOnly } from './context.js';
import { configOption, exitStatuses, groups, jsonOption } from './options.js';
import { refuseUnlessAllowed } from './permission.js';
import { interruptible, jsonText, levelExit, paint, plain, progressLine } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly deep?: boolean;
  readonly now?: boolean;
}

/** `aixops run`: one diagnostic straight over SSH. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .helpGroup(groups.look)
    .summary('run one diagnostic straight over SSH, without Slack and Redis')
    .description(
      'Runs one diagnostic straight over SSH and prints a verdict for each LPAR, or for each cluster (clcomd). It only ' +
        'reads, and needs neither Slack nor Redis.',
    )
    .argument('<diagnostic>', diagnostics.map((diagnostic) => diagnostic.id).join(', '))
    .argument('<targets...>', 'names, system:NAME, hmc:NAME, cluster:NAME, tag:key=value, or all')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--deep', 'log in to every LPAR of a group, whatever its HMC says')
    .option('--now', 'read once: leave out the second read a minute later that some verdicts need')
    .addHelpText(
      'after',
      exitStatuses({
        0: 'ok, of every target',
        1: 'warn, at worst',
        2: 'crit, of one target at least',
        3: 'unknown; also a call that makes no sense, and settings in disorder',
        130: 'stopped by Ctrl-C',
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  aixops run rmc lpar1 lpar2\n  aixops run rmc tag:env=prod --json\n  aixops run clcomd erp',
    )
    .action(async (id: string, selectors: string[], options: Options) => {
      const diagnostic = findDiagnostic(id);
      const context = sshOnly(options.config);
      const close = async () => {
        await Promise.all([context.ssh.close(), context.certificates.close()]);
      };
      try {
        const verdicts = await interruptible('Stopped while reading. Nothing was changed.', close, () =>
          runAll(diagnostic, selectors, context, options),
        );
        process.exitCode = levelExit[worst(verdicts.map((verdict) => verdict.verdict))];
        if (options.json === true) process.stdout.write(jsonText(verdicts));
        else print(verdicts);
      } finally {
        await close();
      }
    });
}

async function runAll(
  diagnostic: AnyDiagnostic,
  selectors: readonly string[],
  context: SshOnly,
  options: Options,
): Promise<readonly Verdict[]> {
  const { inventory, nodesAtOnce, config } = context;
  const tools = { ...context, parser: context.certificates };
  const targets = chooseSubjects(diagnostic.kind, inventory, selectors);
  const names = targets.map(({ name }) => name);
  refuseUnlessAllowed(context, { action: 'diagnose', name: diagnostic.id, targets: names });
  const named = namedAlone(inventory, selectors);
  const progress = targets.length > 3 ? progressLine() : { show: () => undefined, clear: () => undefined };
  const rest = { nodesAtOnce, rsctLevels: config.rsct, now: options.now === true };
  const mustLogIn = ({ name }: { name: string }) =>
    options.deep === true || targets.length === 1 || named.has(name);
  const bounds = boundsOf(diagnostic, targets, mustLogIn, sweepLimitsOf(config));
  const atMost = bounds === null ? '' : ` (at most ${Math.round(bounds.withinMs / 1_000)} s)`;
  try {
    progress.show(`Reading 0 of ${targets.length}${atMost} …`);
    let done = 0;
    const first = await examine(diagnostic, targets, tools, {
      ...rest,
      ...bounds,
      mustLogIn,
      fleet: [],
      onVerdict: (verdict) => {
        done += 1;
        progress.show(`Reading ${done} of ${targets.length} … ${verdict.target} done`);
      },
    });
    if (first.again.length === 0) return first.verdicts;
    await waitShowing(first, config.verify.gapSeconds, progressLine());
    const second = await examine(
      diagnostic,
      first.again.map(({ target }) => target),
      tools,
      {
        ...rest,
        fleet: first.learned,
        earlier: new Map(first.again.map((one) => [one.target.name, one])),
      },
    );
    const now = new Map(second.verdicts.map((verdict) => [verdict.target, verdict]));
    return first.verdicts.map((verdict) => now.get(verdict.target) ?? verdict);
  } finally {
    progress.clear();
  }
}

/** One look cannot tell about some targets: waits here, where a person waits too, and says what for. */
async function waitShowing(
  { again }: Surveyed,
  gapSeconds: number,
  progress: { show(text: string): void },
): Promise<void> {
  const names = again.map(({ target }) => target.name).join(', ');
  const end = Date.now() + gapSeconds * 1_000;
  for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
    progress.show(
      `${names}: one look cannot tell; reading again in ${Math.ceil(left / 1_000)} s (--now leaves it out) …`,
    );
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, 1_000)));
  }
}

const style = { ok: 'green', warn: 'yellow', unknown: 'magenta', crit: 'red' } as const satisfies Record<
  Level,
  string
>;

function print(verdicts: readonly Verdict[]): void {
  const colour = paint(process.stdout);
  const width = Math.max(...verdicts.map((verdict) => verdict.target.length));
  for (const verdict of verdicts) {
    const level = colour(style[verdict.verdict], verdict.verdict.padEnd(7));
    const isNews = (finding: Finding) => verdict.matrix === undefined || finding.severity !== 'ok';
    const first = verdict.findings.find(isNews);
    const head = first === undefined ? noFinding(verdict) : `${plain(first.title)}${noteOf(verdict)}`;
    process.stdout.write(`${level} ${verdict.target.padEnd(width)}  ${head}\n`);
    const matrix = verdict.matrix === undefined ? [] : [...matrixLines(verdict.matrix), matrixLegend];
    const informed = verdict.findings.filter((finding) => !isNews(finding));
    const lines = [
      ...matrix,
      ...verdict.findings.filter(isNews).flatMap(linesOf),
      ...informed.map((finding) => `For information: ${plain(finding.title)} ${plain(finding.observed)}`),
    ];
    for (const line of lines) process.stdout.write(`${' '.repeat(width + 10)}${colour('grey', line)}\n`);
  }
  if (verdicts.length > 3) process.stdout.write(`\n${summary(verdicts)}\n`);
}

/** What rests on the HMC alone must not sound like both sides. */
function noFinding(verdict: Verdict): string {
  const note = noteOf(verdict);
  return note === '' ? 'No finding: every fact was read and none is amiss.' : `No finding${note}.`;
}

function noteOf({ note }: Verdict): string {
  return note === undefined ? '' : ` (${plain(note)})`;
}

function linesOf(finding: Finding, index: number): string[] {
  const cause = finding.follows === undefined ? '' : ` (follows from ${finding.follows})`;
  const title = index === 0 ? [] : [`${plain(finding.title)}${cause}`];
  const fixes = finding.fixes.map((fix) => `may be mended by ${fix}`);
  return [
    ...title,
    `${finding.id}: expected ${plain(finding.expected)}; observed ${plain(finding.observed)}`,
    ...fixes,
  ];
}

function summary(verdicts: readonly Verdict[]): string {
  const count = (level: Level) => verdicts.filter(({ verdict }) => verdict === level).length;
  const parts = (['crit', 'unknown', 'warn', 'ok'] as const)
    .filter((level) => count(level) > 0)
    .map((level) => `${count(level)} ${level}`);
  const noun = verdicts.some(({ matrix }) => matrix !== undefined) ? 'clusters' : 'LPARs';
  return `${verdicts.length} ${noun}: ${parts.join(', ')}. Nothing was changed.`;
}
