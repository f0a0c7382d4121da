import closeWithGrace from 'close-with-grace';
import type { Command } from 'commander';
import { startBot } from '../bot.js';
import { share, workerTools } from '../compose.js';
import { UsageError } from '../core/errors.js';
import { createLog } from '../log.js';
import { redisProblems } from '../redis/connect.js';
import { startWorkerProcess } from '../worker.js';
import { settingsOrThrow } from './context.js';

interface Options {
  readonly role: string;
  readonly config?: string;
}

/** `aixops start`: the bot, a worker, or both, until told to stop. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description('Runs the bot (Slack in), a worker (SSH out), or both in one process.')
    .option('--role <all|bot|worker>', 'what this process does', 'all')
    .option('--config <dir>', 'folder with aixops.yaml, inventory.yaml and policy.yaml (or AIXOPS_CONFIG)')
    .action(async (options: Options) => {
      if (!['all', 'bot', 'worker'].includes(options.role))
        throw new UsageError(`There is no role "${options.role}": it is all, bot or worker.`);
      await start(options);
    });
}

async function start({ role, config: folder }: Options): Promise<void> {
  const settings = settingsOrThrow(folder, role !== 'worker');
  const log = createLog(settings.config.log.level);
  const shared = await share(settings, log);
  const url = settings.config.redis.url.reveal();
  for (const problem of await redisProblems(shared.redis)) log.warn({ problem }, 'a Redis setting is unsafe');
  let stopping = false;
  const tools = role === 'bot' ? null : workerTools(settings, shared, () => stopping, log);
  const worker =
    tools === null ? null : await startWorkerProcess(tools, shared.queues, { redisUrl: url, log });
  const bot = role === 'worker' ? null : await startBot(settings, shared, log);
  log.info({ role, nodes: settings.inventory.nodes.size }, 'aixops started');
  // A step on a node runs on by itself: 30 s are enough to hand over what this process only watches.
  closeWithGrace({ delay: 30_000, logger: false }, async ({ signal, err }) => {
    stopping = true;
    if (err) log.error({ err }, 'stopping after an error of our own');
    else log.info({ signal }, 'stopping');
    await bot?.stop();
    await worker?.stop();
    await tools?.ssh.close();
    await shared.close();
  });
}
