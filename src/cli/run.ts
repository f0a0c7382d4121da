import type { Command } from 'commander';
import type { NodeTarget } from '../core/target.js';
import { worst, type Finding, type Level, type Verdict } from '../core/verdict.js';
import { chooseNodes } from '../inventory/choose.js';
import { collect } from '../run/collect.js';
import { judge } from '../runbooks/judge.js';
import { diagnostics, findDiagnostic } from '../runbooks/index.js';
import type { Diagnostic } from '../runbooks/definition.js';
import { sshOnly, type SshOnly } from './context.js';
import { configOption, exitStatuses, groups, jsonOption } from './options.js';
import { interruptible, jsonText, levelExit, paint, plain, progressLine } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `aixops run`: one diagnostic straight over SSH. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .helpGroup(groups.look)
    .summary('run one diagnostic straight over SSH, without Slack and Redis')
    .description(
      'Runs one diagnostic straight over SSH and prints a verdict for each LPAR. It only reads, and needs neither Slack ' +
        'nor Redis.',
    )
    .argument('<diagnostic>', diagnostics.map((diagnostic) => diagnostic.id).join(', '))
    .argument('<targets...>', 'names, system:NAME, hmc:NAME, cluster:NAME, tag:key=value, or all')
    .addOption(configOption())
    .addOption(jsonOption())
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
    .addHelpText('after', '\nExamples:\n  aixops run rmc lpar1 lpar2\n  aixops run rmc tag:env=prod --json')
    .action(async (id: string, selectors: string[], options: Options) => {
      const diagnostic = findDiagnostic(id);
      const context = sshOnly(options.config);
      const close = () => context.ssh.close();
      try {
        const targets = chooseNodes(context.inventory, selectors);
        const verdicts = await interruptible('Stopped while reading. Nothing was changed.', close, () =>
          runAll(diagnostic, targets, context),
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
  diagnostic: Diagnostic,
  targets: readonly NodeTarget[],
  context: SshOnly,
): Promise<Verdict[]> {
  const progress = targets.length > 3 ? progressLine() : { show: () => undefined, clear: () => undefined };
  const verdicts = new Map<string, Verdict>();
  progress.show(`Reading ${targets.length} LPARs …`);
  try {
    await collect(diagnostic, targets, context, {
      nodesAtOnce: context.nodesAtOnce,
      onTarget: (collected) => {
        const { target, startedAt, durationMs } = collected;
        verdicts.set(target.name, judge(diagnostic, collected, startedAt, durationMs));
        progress.show(`Reading: ${verdicts.size} of ${targets.length} done, ${target.name} last`);
      },
    });
  } finally {
    progress.clear();
  }
  return targets.map((target) => {
    const verdict = verdicts.get(target.name);
    // A target without a verdict must not count as a good one.
    if (verdict === undefined) throw new TypeError(`${target.name} has no verdict`);
    return verdict;
  });
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
    const [first] = verdict.findings;
    const head =
      first === undefined ? 'No finding: every fact was read and none is amiss.' : plain(first.title);
    process.stdout.write(`${level} ${verdict.target.padEnd(width)}  ${head}\n`);
    for (const line of verdict.findings.flatMap(linesOf)) {
      process.stdout.write(`${' '.repeat(width + 10)}${colour('grey', line)}\n`);
    }
  }
  if (verdicts.length > 3) process.stdout.write(`\n${summary(verdicts)}\n`);
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
  return `${verdicts.length} LPARs: ${parts.join(', ')}. Nothing was changed.`;
}
