import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { UsageError } from '../core/errors.js';
import { exitStatuses, groups } from './options.js';

/** `aixops demo`: the whole product with nothing to configure. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .helpGroup(groups.look)
    .summary('try the whole product on this machine, with nothing to configure')
    .description(
      'Starts the whole product with nothing to configure: Redis, a local Slack in the browser, and a simulated estate of ' +
        'LPARs, an HMC and a PowerHA cluster, some of them broken. It touches no other machine, and Ctrl-C leaves nothing behind.',
    )
    .option('--port <number>', 'port of the page on 127.0.0.1', '3400')
    .addHelpText(
      'after',
      exitStatuses({ 0: 'stopped by Ctrl-C', 1: 'a part of it broke', 64: 'it could not be started' }),
    )
    .action(async (options: { port: string }) => {
      const port = Number(options.port);
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        throw new UsageError(`"${options.port}" is no port: it is a number from 1 to 65535.`);
      await demo(port);
    });
}

async function demo(port: number): Promise<void> {
  // Loaded here and not above: no other command needs the simulated estate.
  const { startDemo } = await import('../../test/lab/demo.js').catch((error: unknown) => {
    throw isLeftOut(error) ? new UsageError(leftOut) : error;
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const program = fileURLToPath(new URL('../aixops.js', import.meta.url));
  const running = await startDemo({ port, program, say }).catch((error: unknown) => {
    throw inWords(error);
  });
  process.stdout.write(invitation(running.url, running.folder));
  const stopped = new Promise<null>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(null));
  });
  const broken = await Promise.race([stopped, running.broken]);
  if (broken !== null) process.stderr.write(`${broken}\n`);
  process.stdout.write('\nStopping …\n');
  await running.stop();
  process.stdout.write('Stopped. Nothing is left running.\n');
  process.exitCode = broken === null ? 0 : 1;
}

const leftOut =
  'The simulated estate is not part of this installation: a container image leaves it out. In the source tree type: npm run demo';

function isLeftOut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}

/** The parts of the demo say in words what is missing on this machine; any other class of error is a bug. */
function inWords(error: unknown): unknown {
  return error instanceof Error && error.name === 'Error' ? new UsageError(error.message) : error;
}

function invitation(url: string, folder: string): string {
  return `
  The demo runs at ${url}   (its files: ${folder})

  Choose whom you act as at the bottom of the page. Alice (UALICE) asks, Bob (UBOB) approves; what is of
  high risk needs Bob and Carol (UCAROL), and Dave (UDAVE) may only look. Five things to try in #unix-oncall:

    1. As Alice, type  /rmc-status all --deep   one card, and a thread with one message for each LPAR
                       (without --deep the HMC is asked first, and only LPARs that need it are logged in to)
    2. Press a fix on the card               a plan with its exact commands; Alice cannot approve it herself
    3. As Bob, press Approve, then Rollback when it is verified
    4. As Alice, type  /rmc-fix lpar3 lpar4 rmc-restart   a roll-out: one list to approve, one LPAR first, then Stop or wait
    5. As Bob, type  /changes freeze on <why>   nothing is approved, nothing begins; on lpar2 it may once Alice types
                       /changes break-glass lpar2 <why>   then look at /changes, and lift it with /changes freeze off

  Ctrl-C stops everything.

`;
}
