import type { Command } from 'commander';
import { errorInfo } from '../core/errors.js';
import { nodeRead, hmcRead } from '../core/remote-command.js';
import type { Target } from '../core/target.js';
import { connectRedis, readyRedis, redisProblems, withoutPassword } from '../redis/connect.js';
import { probeSlack } from '../slack/probe.js';
import { problemsText, readSettings, transportOf, type Settings } from './context.js';
import { paint, plain } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly offline?: boolean;
}

/** One thing that was looked at: null when it is well, else a sentence that says what to do. */
interface Result {
  readonly what: string;
  readonly problem: string | null;
}

/** `aixops check`: every problem at once. */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .description(
      'Checks settings, Redis, Slack, and whether every node and HMC lets us in. It changes nothing.',
    )
    .option('--config <dir>', 'folder with aixops.yaml and inventory.yaml (or AIXOPS_CONFIG)')
    .option('--offline', 'look at the files only')
    .addHelpText('after', '\nExit status: 0 all is well, 1 there are problems.')
    .action(async (options: Options) => {
      const settings = readSettings(options.config, options.offline !== true);
      if (!('config' in settings)) {
        process.stdout.write(`${plain(problemsText(settings))}\n`);
        process.exitCode = 1;
        return;
      }
      const { inventory } = settings;
      const size = `${inventory.nodes.size} nodes, ${inventory.hmcs.size} HMCs, ${inventory.systems.size} managed systems`;
      const files: Result = { what: `settings in ${settings.config.folder} (${size})`, problem: null };
      const results = [files, ...(options.offline === true ? [] : await online(settings))];
      print(results);
      process.exitCode = results.some((result) => result.problem !== null) ? 1 : 0;
    });
}

async function online(settings: Settings): Promise<Result[]> {
  const [redis, slack, targets] = await Promise.all([
    checkRedis(settings),
    checkSlack(settings),
    checkTargets(settings),
  ]);
  return [...redis, ...slack, ...targets];
}

async function checkRedis({ config }: Settings): Promise<Result[]> {
  const url = config.redis.url.reveal();
  const what = `Redis at ${withoutPassword(url)}`;
  const redis = connectRedis(url, () => undefined);
  try {
    await readyRedis(redis, url, 5_000);
    const problems = await redisProblems(redis);
    return problems.length === 0 ? [{ what, problem: null }] : problems.map((problem) => ({ what, problem }));
  } catch (error) {
    return [{ what, problem: errorInfo(error).message }];
  } finally {
    redis.disconnect();
  }
}

async function checkSlack({ config }: Settings): Promise<Result[]> {
  const problems = await probeSlack({
    apiUrl: config.slack.apiUrl,
    botToken: config.slack.botToken?.reveal() ?? '',
    appToken: config.slack.mode === 'socket' ? (config.slack.appToken?.reveal() ?? '') : null,
  });
  const what = `Slack at ${config.slack.apiUrl}`;
  return problems.length === 0 ? [{ what, problem: null }] : problems.map((problem) => ({ what, problem }));
}

/** The lightest question there is: it proves address, host key and login, and reads nothing of interest. */
async function checkTargets({ config, inventory }: Settings): Promise<Result[]> {
  const ssh = transportOf(config);
  const date = nodeRead('/usr/bin/date', [], 'POSIX date');
  const level = hmcRead('lshmc', ['-V'], 'HMC lshmc man page');
  const one = async (target: Target): Promise<Result> => {
    const what = `SSH to ${target.name}`;
    try {
      const [outcome] = await ssh.read(target, [target.kind === 'hmc' ? level : date]);
      const well = outcome?.ended === 'exited' && outcome.exitCode === 0;
      return {
        what,
        problem: well
          ? null
          : `Logged in, but a plain command ended badly: ${outcome?.ended ?? 'no answer'}.`,
      };
    } catch (error) {
      return { what, problem: errorInfo(error).message };
    }
  };
  try {
    return await Promise.all([...inventory.hmcs.values(), ...inventory.nodes.values()].map(one));
  } finally {
    await ssh.close();
  }
}

function print(results: readonly Result[]): void {
  const colour = paint(process.stdout);
  for (const { what, problem } of results) {
    const word = problem === null ? colour('green', 'ok      ') : colour('red', 'problem ');
    process.stdout.write(`${word}${plain(what)}${problem === null ? '' : `: ${plain(problem)}`}\n`);
  }
  const bad = results.filter((result) => result.problem !== null).length;
  process.stdout.write(
    bad === 0 ? 'All is well.\n' : `${bad} of ${results.length} checks found a problem.\n`,
  );
}
