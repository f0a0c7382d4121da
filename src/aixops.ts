#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { cliCommands as commands } from './cli/commands.js';
import { UsageError } from './core/errors.js';
import { version } from './cli/version.js';
import { complain, levelExit, usageExit } from './cli/terminal.js';

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
    .version(version)
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
