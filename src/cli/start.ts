import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Role } from '../health/readiness.js';
import { settingsOrThrow, type Settings } from './context.js';
import { configOption, exitStatuses, groups } from './options.js';
import { placeIn, workerNumberOption, workersOption } from './workers-option.js';

interface Options {
  readonly role: Role;
  readonly config?: string;
  readonly healthPort?: number;
  readonly workers: number;
  readonly workerNumber?: number;
}

/** `aixops start`: the bot, a worker, or both, until told to stop. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .helpGroup(groups.serve)
    .summary('run the bot, a worker, or both')
    .description(
      'Runs the bot (Slack in), a worker (SSH out), or both in one process, until it is told to stop. It writes its log to ' +
        'stderr: for people on a terminal, else one JSON object a line (log.format).',
    )
    .addOption(
      new Option('--role <role>', 'what this process does')
        .choices(['all', 'bot', 'worker'] satisfies Role[])
        .default('all'),
    )
    .addOption(configOption())
    .addOption(workersOption())
    .addOption(workerNumberOption())
    .addOption(
      new Option(
        '--health-port <n>',
        'answer /livez, /readyz and /metrics on this port; 0 takes any free one; else AIXOPS_HEALTH_PORT, else health.port',
      ).argParser(portNumber),
    )
    .addHelpText('after', moreWorkers)
    .addHelpText('after', fromEnvironment)
    .addHelpText('after', '  REDIS_URL             redis://127.0.0.1:6379 when not set')
    .addHelpText('after', '  SLACK_BOT_TOKEN       for the bot')
    .addHelpText('after', '  SLACK_APP_TOKEN       for the bot in socket mode')
    .addHelpText('after', '  SLACK_SIGNING_SECRET  for the bot in http mode')
    .addHelpText('after', '  AUDIT_SIGNING_KEY     for workers: signs checkpoints of the audit trail')
    .addHelpText('after', '  STORE_KEY             seals what Redis keeps; STORE_KEY_OLD: the key before')
    .addHelpText('after', '\nOTEL_EXPORTER_OTLP_ENDPOINT, without such forms, is where traces are sent.')
    .addHelpText(
      'after',
      exitStatuses({
        0: 'stopped by SIGTERM or Ctrl-C',
        3: 'Redis was not reached',
        64: 'the settings or the call make no sense, or a token is refused',
      }),
    )
    .action(async ({ role, config, healthPort, ...asked }: Options) => {
      const settings = onPort(settingsOrThrow(config, role !== 'worker'), healthPort);
      const place = placeIn({ role, ...asked }, settings);
      // Loaded here and not above: help needs neither Bolt nor BullMQ.
      const { serve } = await import('./serve.js');
      await serve(role, settings, place);
    });
}

const moreWorkers = `
With --workers 3 this process takes jobs and starts two more that do. They stop
with it, one that dies is started again, and their health is answered on the
next ports.`;

const fromEnvironment = `
From the environment, each also as NAME_FILE with the path of a file, or as
NAME_COMMAND with a command that prints it on its first line (Vault, pass):`;

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('A port is 0 to 65535; 0 takes any free one.');
  return port;
}

/** What the call says goes before the environment and the file. */
function onPort(settings: Settings, port: number | undefined): Settings {
  if (port === undefined) return settings;
  const { config } = settings;
  return { ...settings, config: { ...config, health: { ...config.health, port } } };
}
