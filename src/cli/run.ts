import type { Command } from 'commander';
import type { NodeTarget } from '../core/target.js';
import { worst, type Finding, type Level, type Verdict } from '../core/verdict.js';
import { chooseNodes } from '../inventory/choose.js';
import { collect } from '../run/collect.js';
import { judge } from '../runbooks/judge.js';
import { diagnostics, findDiagnostic } from '../runbooks/index.js';
import type { Diagnostic } from '../runbooks/definition.js';
import { sshOnly, type SshOnly } from './context.js';
import { levelExit, paint, plain, progressLine } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `aixops run`: one diagnostic straight over SSH. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description('Runs one diagnostic straight over SSH: no Slack, no Redis. It only reads.')
    .argument('<diagnostic>', diagnostics.map((diagnostic) => diagnostic.id).join(', '))
    .argument('<targets...>', 'names, system:NAME, hmc:NAME, cluster:NAME, tag:key=value, or all')
    .option('--config <dir>', 'folder with aixops.yaml and inventory.yaml (or AIXOPS_CONFIG)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit status of a monitoring plug-in: 0 ok, 1 warn, 2 crit, 3 unknown.')
    .action(async (id: string, selectors: string[], options: Options) => {
      const diagnostic = findDiagnostic(id);
      const context = sshOnly(options.config);
      try {
        const targets = chooseNodes(context.inventory, selectors);
        const verdicts = await runAll(diagnostic, targets, context);
        if (options.json === true) process.stdout.write(`${JSON.stringify(verdicts, null, 2)}\n`);
        else print(verdicts);
        process.exitCode = levelExit[worst(verdicts.map((verdict) => verdict.verdict))];
      } finally {
        await context.ssh.close();
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
  progress.show(`Reading 0 of ${targets.length} …`);
  try {
    await collect(diagnostic, targets, context, {
      nodesAtOnce: context.nodesAtOnce,
      onTarget: (collected) => {
        const { target, startedAt, durationMs } = collected;
        verdicts.set(target.name, judge(diagnostic, collected, startedAt, durationMs));
        progress.show(`Reading ${verdicts.size} of ${targets.length} … ${collected.target.name} done`);
      },
    });
  } finally {
    progress.clear();
  }
  return targets.map((target) => verdicts.get(target.name)).filter((verdict) => verdict !== undefined);
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
    const [first, ...others] = verdict.findings;
    const head =
      first === undefined ? 'No finding: every fact was read and both sides agree.' : plain(first.title);
    process.stdout.write(`${level} ${verdict.target.padEnd(width)}  ${head}\n`);
    for (const line of [first, ...others].flatMap((finding, n) => linesOf(finding, n))) {
      process.stdout.write(`${' '.repeat(width + 10)}${colour('grey', line)}\n`);
    }
  }
}

function linesOf(finding: Finding | undefined, index: number): string[] {
  if (finding === undefined) return [];
  const cause = finding.follows === undefined ? '' : ` (follows ${finding.follows})`;
  const title = index === 0 ? [] : [`${plain(finding.title)}${cause}`];
  const fixes = finding.fixes.length === 0 ? [] : [`fix: ${finding.fixes.join(', ')}`];
  return [
    ...title,
    `${finding.id}: expected ${plain(finding.expected)}; observed ${plain(finding.observed)}`,
    ...fixes,
  ];
}
