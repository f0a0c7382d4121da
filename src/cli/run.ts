import type { Command } from 'commander';
import { worst, type Finding, type Level, type Verdict } from '../core/verdict.js';
import { chooseNodes, namedAlone } from '../inventory/choose.js';
import { survey, type Surveyed } from '../run/survey.js';
import { diagnostics, findDiagnostic } from '../runbooks/index.js';
import type { Diagnostic } from '../runbooks/definition.js';
import { sshOnly, type SshOnly } from './context.js';
import { levelExit, paint, plain, progressLine } from './terminal.js';

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
    .description('Runs one diagnostic straight over SSH: no Slack, no Redis. It only reads.')
    .argument('<diagnostic>', diagnostics.map((diagnostic) => diagnostic.id).join(', '))
    .argument('<targets...>', 'names, system:NAME, hmc:NAME, cluster:NAME, tag:key=value, or all')
    .option('--config <dir>', 'folder with aixops.yaml and inventory.yaml (or AIXOPS_CONFIG)')
    .option('--json', 'print JSON')
    .option('--deep', 'log in to every LPAR of a group, whatever its HMC says')
    .option('--now', 'read once: leave out the second read a minute later that some verdicts need')
    .addHelpText('after', '\nExit status of a monitoring plug-in: 0 ok, 1 warn, 2 crit, 3 unknown.')
    .action(async (id: string, selectors: string[], options: Options) => {
      const diagnostic = findDiagnostic(id);
      const context = sshOnly(options.config);
      try {
        const verdicts = await runAll(diagnostic, selectors, context, options);
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
  selectors: readonly string[],
  context: SshOnly,
  options: Options,
): Promise<readonly Verdict[]> {
  const { inventory, nodesAtOnce, config } = context;
  const targets = chooseNodes(inventory, selectors);
  const named = namedAlone(inventory, selectors);
  const progress = progressLine();
  const rest = { nodesAtOnce, rsctLevels: config.rsct, now: options.now === true };
  try {
    progress.show(`Reading 0 of ${targets.length} …`);
    let done = 0;
    const first = await survey(diagnostic, targets, context, {
      ...rest,
      mustLogIn: (target) => options.deep === true || targets.length === 1 || named.has(target.name),
      fleet: [],
      onVerdict: (verdict) => {
        done += 1;
        progress.show(`Reading ${done} of ${targets.length} … ${verdict.target} done`);
      },
    });
    if (first.again.length === 0) return first.verdicts;
    await waitShowing(first, config.verify.gapSeconds, progress);
    const second = await survey(
      diagnostic,
      first.again.map(({ target }) => target),
      context,
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
    const [first, ...others] = verdict.findings;
    const calm = 'No finding: every fact was read and both sides agree.';
    const note = verdict.note === undefined ? '' : ` (${plain(verdict.note)})`;
    const head =
      first === undefined ? (note === '' ? calm : `No finding${note}.`) : plain(first.title) + note;
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
