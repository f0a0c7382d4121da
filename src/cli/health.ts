import { Agent, get } from 'node:http';
import type { Command } from 'commander';
import { healthAddress } from '../config.js';
import { UsageError } from '../core/errors.js';
import { configOption, exitStatuses, groups } from './options.js';
import { plain } from './terminal.js';

interface Options {
  readonly url?: string;
  readonly live?: boolean;
  readonly config?: string;
}

/** Whoever asks wants to know now: a container engine waits some seconds. */
const patienceMs = 4_000;
const mostBytes = 256 * 1024;

/** `aixops health`: asks a running bot or worker how it is. */
export function registerHealth(program: Command): void {
  program
    .command('health')
    .helpGroup(groups.serve)
    .summary('ask the bot or worker on this machine how it is')
    .description(
      'Asks the health port of a bot or worker whether it is ready, and prints each check with what to mend. It needs ' +
        'neither a shell nor curl, so that it serves in the HEALTHCHECK of an image and for systemd.',
    )
    .option('--url <url>', 'where to ask; else AIXOPS_HEALTH_PORT, else health.port of aixops.yaml')
    .option('--live', 'ask whether it is alive (/livez) instead of ready (/readyz)')
    .addOption(configOption())
    .addHelpText(
      'after',
      exitStatuses({
        0: 'ready, or alive',
        1: 'not ready, not alive, or not reached',
        64: 'the call makes no sense',
      }),
    )
    .action(async ({ url, live, config }: Options) => {
      const at = addressOf(url, live === true ? '/livez' : '/readyz', config);
      const { status, body } = await ask(at);
      process.stdout.write(plain(body));
      process.exitCode = status === 200 ? 0 : 1;
    });
}

function addressOf(url: string | undefined, path: string, folder: string | undefined): URL {
  if (url !== undefined) {
    if (!URL.canParse(url) || new URL(url).protocol !== 'http:')
      throw new UsageError(`"${url}" is no address: it begins with http://, as in http://127.0.0.1:8080.`);
    const at = new URL(url);
    return at.pathname === '/' ? new URL(path, at) : at;
  }
  const { host, port } = healthAddress(folder);
  if (port === null || port === 0)
    throw new UsageError(
      'No health port is set. Set AIXOPS_HEALTH_PORT, or health.port in aixops.yaml, or say where to ask with --url.',
    );
  // What listens everywhere listens here.
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new URL(path, `http://${name.includes(':') ? `[${name}]` : name}:${port}`);
}

/** What the process says; where it says nothing, that, with status 0. */
function ask(at: URL): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve) => {
    const silent = (why: string): void =>
      resolve({ status: 0, body: `not reached: ${at.href} ${why}. Look whether aixops start runs there.\n` });
    const options = {
      headers: { accept: 'text/plain', connection: 'close' },
      // An agent of its own: Node's shared one may be told by the environment to use a proxy.
      agent: new Agent(),
      signal: AbortSignal.timeout(patienceMs),
    };
    const sent = get(at, options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > mostBytes) response.destroy(new Error('said too much'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', (error) => silent(`broke off (${error.message})`));
    });
    sent.on('error', (error: NodeJS.ErrnoException) =>
      silent(
        error.name === 'AbortError'
          ? `gave no answer within ${patienceMs / 1_000} s`
          : `does not answer (${error.code ?? error.message})`,
      ),
    );
  });
}
