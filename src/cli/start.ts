import closeWithGrace from 'close-with-grace';
import { Option, type Command } from 'commander';
import { startBot } from '../bot.js';
import { share, workerTools, type Shared } from '../compose.js';
import { UsageError } from '../core/errors.js';
import { createLog, type Logger } from '../log.js';
import { probeSlack, type SlackProblem } from '../slack/probe.js';
import { startWorkerProcess } from '../worker.js';
import { settingsOrThrow, type Settings } from './context.js';
import { configOption, exitStatuses, groups } from './options.js';

type Role = 'all' | 'bot' | 'worker';

interface Options {
  readonly role: Role;
  readonly config?: string;
}

/** `aixops start`: the bot, a worker, or both, until told to stop. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .helpGroup(groups.serve)
    .summary('run the bot, a worker, or both')
    .description(
      'Runs the bot (Slack in), a worker (SSH out), or both in one process, until it is told to stop. It writes its log to ' +
        'stderr, one JSON object a line.',
    )
    .addOption(
      new Option('--role <role>', 'what this process does')
        .choices(['all', 'bot', 'worker'] satisfies Role[])
        .default('all'),
    )
    .addOption(configOption())
    .addHelpText('after', '\nFrom the environment, each also as NAME_FILE with the path of a file:')
    .addHelpText('after', '  REDIS_URL             redis://127.0.0.1:6379 when not set')
    .addHelpText('after', '  SLACK_BOT_TOKEN       for the bot')
    .addHelpText('after', '  SLACK_APP_TOKEN       for the bot in socket mode')
    .addHelpText('after', '  SLACK_SIGNING_SECRET  for the bot in http mode')
    .addHelpText(
      'after',
      exitStatuses({
        0: 'stopped by SIGTERM or Ctrl-C',
        3: 'Redis was not reached',
        64: 'the settings or the call make no sense, or a token is refused',
      }),
    )
    .action(async ({ role, config }: Options) => {
      const settings = settingsOrThrow(config, role !== 'worker');
      const log = createLog(settings.config.log.level);
      await start(role, settings, await share(settings, log), log);
    });
}

async function start(role: Role, settings: Settings, shared: Shared, log: Logger): Promise<void> {
  const ends: (() => Promise<void>)[] = [() => shared.close()];
  const stopping = new AbortController();
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const end of ends.splice(0).reverse()) await end();
  };
  // From here on a signal ends what has been started so far. A step on a node runs on by itself: 30 s are enough to
  // hand over what this process only watches.
  const grace = closeWithGrace({ delay: 30_000, logger: false }, async ({ signal, err }) => {
    if (err) log.error({ err }, 'stopping after an error of our own');
    else log.info({ signal }, 'stopping');
    await stop();
    log.info('stopped');
  });
  try {
    if (role !== 'worker') await checkSlack(settings, log);
    if (role !== 'bot') {
      const tools = workerTools(settings, shared, () => stopping.signal.aborted, log);
      ends.push(() => tools.ssh.close());
      const redisUrl = settings.config.redis.url.reveal();
      const worker = await startWorkerProcess(tools, shared.queues, { redisUrl, log });
      ends.push(() => worker.stop());
    }
    if (role !== 'worker') {
      const bot = await startBot(settings, shared, log);
      ends.push(() => bot.stop());
    }
    log.info({ role, nodes: settings.inventory.nodes.size }, 'aixops started');
  } catch (error) {
    // What a signal has cut short is no failure of the start.
    if (stopping.signal.aborted) return;
    grace.uninstall();
    await stop();
    throw inWords(error, settings);
  }
}

/** A wrong token is told at once. A Slack that is away comes back by itself: the bot waits for it. */
async function checkSlack({ config: { slack } }: Settings, log: Logger): Promise<void> {
  const problems = await probeSlack({
    apiUrl: slack.apiUrl,
    botToken: slack.botToken?.reveal() ?? '',
    appToken: slack.mode === 'socket' ? (slack.appToken?.reveal() ?? '') : null,
  });
  const told = (one: SlackProblem['kind']): string =>
    [...new Set(problems.filter(({ kind }) => kind === one).map(({ sentence }) => sentence))].join(' ');
  if (told('refused') !== '') throw new UsageError(`${told('refused')} Nothing was started.`);
  if (told('absent') !== '') log.warn({ problem: told('absent') }, 'Slack is away; waiting for it');
  if (told('scopes') !== '') log.warn({ problem: told('scopes') }, 'the bot may do too little');
}

/** What is the machine's fault and not ours, in words. */
function inWords(error: unknown, { config }: Settings): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'EADDRINUSE') return error;
  return new UsageError(
    `Port ${config.slack.port} is taken by another program. Stop it, or set slack.port in aixops.yaml. Nothing was started.`,
  );
}
