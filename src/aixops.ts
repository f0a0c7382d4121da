#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { UsageError } from './core/errors.js';
import { complain, levelExit, usageExit } from './cli/terminal.js';

type Register = (program: Command) => void;

/** Each command by its name; loaded when asked for, since reading a capture needs neither Slack nor Redis. */
const commands: Readonly<Record<string, () => Promise<Register>>> = {
  demo: async () => (await import('./cli/demo.js')).registerDemo,
  explain: async () => (await import('./cli/explain.js')).registerExplain,
  run: async () => (await import('./cli/run.js')).registerRun,
  plan: async () => (await import('./cli/plan.js')).registerPlan,
  digest: async () => (await import('./cli/digest.js')).registerDigest,
  manifest: async () => (await import('./cli/manifest.js')).registerManifest,
  enrol: async () => (await import('./cli/enrol.js')).registerEnrol,
  check: async () => (await import('./cli/check.js')).registerCheck,
  sudoers: async () => (await import('./cli/sudoers.js')).registerSudoers,
  start: async () => (await import('./cli/start.js')).registerStart,
  'step-up': async () => (await import('./cli/step-up.js')).registerStepUp,
  audit: async () => (await import('./cli/audit.js')).registerAudit,
  inventory: async () => (await import('./cli/inventory.js')).registerInventory,
};

const [asked = ''] = process.argv.slice(2);
// A monitoring system reads 1 and 2 as verdicts, and anything above 3 in many ways: `run` fails with 3 alone.
const usage = asked === 'run' ? levelExit.unknown : usageExit;

// The reader of a pipe has seen enough (`| head`): that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// Node prints an error with all that hangs on it, such as a request's headers: here it is said as any other, and no more.
process.on('uncaughtException', (error) => {
  // A running bot or worker has a handler of its own, which also stops in order.
  if (process.listenerCount('uncaughtException') > 1) return;
  process.exit(complain(error, usage));
});

try {
  await (await buildProgram()).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.exitCode = complain(error, usage);
  else if (error.code === 'commander.help') process.exitCode = error.exitCode === 0 ? 0 : usage;
  else if (error.exitCode !== 0) process.exitCode = complain(wrongCall(error), usage);
}

async function buildProgram(): Promise<Command> {
  const program = new Command('aixops')
    .description('Diagnoses and repairs RMC between AIX LPARs and their HMC, from Slack or from here.')
    .version('0.1.0')
    .usage('<command> [options]')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({
      // Commander's own sentences are said below in the style of all others; help is no error.
      outputError: () => undefined,
      writeErr: (text) => void process.stdout.write(text),
    })
    .helpCommand(false)
    .addHelpText('after', '\nNothing set up yet? aixops demo shows the whole product on this machine.')
    .addHelpText('after', 'aixops <command> --help tells what a command takes and how it ends.')
    .exitOverride();
  const known = commands[asked];
  const loading = known === undefined ? Object.values(commands) : [known];
  for (const load of loading) (await load())(program);
  return program;
}

/** Commander's `error: unknown option '--jsn'\n(Did you mean --json?)` as one of our own errors. */
function wrongCall(error: CommanderError): UsageError {
  const [problem = '', guess = ''] = error.message.replace(/^error: /, '').split('\n');
  const sentence = `${problem.charAt(0).toUpperCase()}${problem.slice(1)}`.replace(/(?<![.?])$/, '.');
  const help = asked in commands ? `aixops ${asked} --help` : 'aixops --help';
  return new UsageError([sentence, guess.replace(/^\((.*)\)$/, '$1')].join(' ').trim(), `See ${help}.`);
}
