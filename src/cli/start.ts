import { Option, type Command } from 'commander';
import { settingsOrThrow } from './context.js';
import { configOption, exitStatuses, groups } from './options.js';
import type { Role } from './serve.js';

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
    .addHelpText('after', '\nFrom the environment, each also as NAME_FILE with the path of a file, or as')
    .addHelpText('after', 'NAME_COMMAND with a command that prints it on its first line (Vault, pass):')
    .addHelpText('after', '  REDIS_URL             redis://127.0.0.1:6379 when not set')
    .addHelpText('after', '  SLACK_BOT_TOKEN       for the bot')
    .addHelpText('after', '  SLACK_APP_TOKEN       for the bot in socket mode')
    .addHelpText('after', '  SLACK_SIGNING_SECRET  for the bot in http mode')
    .addHelpText('after', '  AUDIT_SIGNING_KEY     for workers: signs checkpoints of the audit trail')
    .addHelpText('after', '  STORE_KEY             seals what Redis keeps; STORE_KEY_OLD: the key before')
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
      // Loaded here and not above: help needs neither Bolt nor BullMQ.
      const { serve } = await import('./serve.js');
      await serve(role, settings);
    });
}
