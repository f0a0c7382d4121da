import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../redis-server.js';
import { spawnTied, type TiedChild } from '../tied-child.js';
import { Upstream } from './upstream.js';
import { localSlackConfig, type Workspace } from './workspace.js';

/**
 * Runs beside local-slack, inside its network namespace where it has one, and carries connections from a unix socket
 * to it. Plain JavaScript in a string, because it must run as a program of its own from sources and from `dist`.
 */
const bridge = `
const { spawn, execFileSync } = require('node:child_process');
const net = require('node:net');
const [binary, config, port, base, files, socketPath, isolation] = process.argv.slice(1);
process.env.PATH += ':/usr/sbin:/sbin';
if (isolation === 'isolated') execFileSync('ip', ['link', 'set', 'lo', 'up']);
const slack = spawn(binary, ['--config', config, '--port', port, '--base-host', base, '--files-dir', files],
  { stdio: ['ignore', 'inherit', 'inherit'] });
slack.on('error', (error) => { console.error(error.message); process.exit(1); });
slack.on('exit', (code) => process.exit(code ?? 1));
process.on('SIGTERM', () => { slack.kill('SIGTERM'); setTimeout(() => slack.kill('SIGKILL'), 2000).unref(); });
net.createServer((near) => {
  const far = net.connect(Number(port), '127.0.0.1');
  for (const [from, to] of [[near, far], [far, near]]) {
    from.setNoDelay(true);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}).listen(socketPath);
`;

export interface RunningLocalSlack {
  readonly upstream: Upstream;
  /** One line for people: who can reach it besides us. */
  readonly note: string;
  /** Resolves when the program ends by itself, with what it said last. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts local-slack so that only the proxy on `outerPort` should be talked to. It listens on all interfaces and asks
 * nobody for a token, so it runs in a network namespace of its own where the system allows that; otherwise on a
 * random port of this host, and the note says so. Throws with its own words when it does not start.
 */
export async function runLocalSlack(options: {
  workspace: Workspace;
  folder: string;
  outerPort: number;
  /** False to do without a network namespace even where there could be one. */
  isIsolated?: boolean;
}): Promise<RunningLocalSlack> {
  const binary = await findBinary();
  const config = path.join(options.folder, 'local-slack.json');
  await writeFile(config, localSlackConfig(options.workspace), { mode: 0o600 });
  // Not below the given folder: the path of a unix socket may have about 100 characters.
  const socketFolder = await mkdtemp(path.join(os.tmpdir(), 'aixops-slack-'));
  const socketPath = path.join(socketFolder, 's');
  const files = path.join(options.folder, 'files');
  const launch = { binary, config, files, socketPath, outerPort: options.outerPort };
  try {
    const isolated = options.isIsolated === false ? null : await startIsolated(launch);
    const started = isolated ?? (await startOnHost(launch));
    const { child, upstream, note } = started;
    return {
      upstream,
      note,
      ended: child.ended.then((how) => `the local Slack ${how}: ${child.output().trim().slice(-300)}`),
      stop: async () => {
        upstream.close();
        await child.stop();
        await rm(socketFolder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(socketFolder, { recursive: true, force: true });
    throw error;
  }
}

interface Launch {
  readonly binary: string;
  readonly config: string;
  readonly files: string;
  readonly socketPath: string;
  readonly outerPort: number;
}

interface Started {
  readonly child: TiedChild;
  readonly upstream: Upstream;
  readonly note: string;
}

/** Null where the system does not let us make a network namespace (containers, some distributions, macOS). */
async function startIsolated(launch: Launch): Promise<Started | null> {
  if (process.platform !== 'linux') return null;
  // The port inside is the one outside: the addresses that local-slack hands out are then right by themselves.
  const port = String(launch.outerPort);
  try {
    const child = await spawnTied('unshare', [
      '-rn',
      '--',
      ...bridgeCall(launch, port, '127.0.0.1', 'isolated'),
    ]);
    const upstream = await ready(child, launch.socketPath);
    if (upstream instanceof Upstream) {
      const note = 'The local Slack runs in a network namespace of its own; only the proxy can reach it.';
      return { child, upstream, note };
    }
  } catch {
    // No unshare: the same as not being allowed.
  }
  await rm(launch.socketPath, { force: true });
  return null;
}

async function startOnHost(launch: Launch): Promise<Started> {
  const port = await freePort();
  // local-slack writes `http://BASE:PORT` into the addresses it hands out; this makes them lead to the proxy, which
  // takes `/_inner:PORT` off again.
  const base = `127.0.0.1:${launch.outerPort}/_inner`;
  const [program = process.execPath, ...args] = bridgeCall(launch, String(port), base, 'on-host');
  const child = await spawnTied(program, args);
  const upstream = await ready(child, launch.socketPath);
  if (!(upstream instanceof Upstream)) throw new Error(`The local Slack did not start: ${upstream.problem}`);
  const note = `The local Slack also listens on port ${port} of all interfaces of this machine, without any check: this system allows no network namespace.`;
  return { child, upstream, note };
}

function bridgeCall(launch: Launch, port: string, base: string, isolation: string): string[] {
  const { binary, config, files, socketPath } = launch;
  return [process.execPath, '-e', bridge, binary, config, port, base, files, socketPath, isolation];
}

/** Waits up to 20 s for an answer; what it printed where none comes. */
async function ready(child: TiedChild, socketPath: string): Promise<Upstream | { problem: string }> {
  const upstream = new Upstream(socketPath);
  const deadline = Date.now() + 20_000;
  while (!child.isOver() && Date.now() < deadline) {
    try {
      await upstream.get('/_control/state');
      return upstream;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  upstream.close();
  await child.stop('SIGKILL');
  return { problem: child.output().trim().slice(-300) || 'no answer in 20 s' };
}

async function findBinary(): Promise<string> {
  const require = createRequire(import.meta.url);
  try {
    return require.resolve(`local-slack-${process.platform}-${process.arch}/bin/local-slack`);
  } catch {
    // Not for this platform, or installed without optional dependencies.
  }
  const folders = [path.resolve('node_modules/.bin'), ...(process.env.PATH ?? '').split(path.delimiter)];
  for (const folder of folders.filter((place) => path.isAbsolute(place))) {
    const place = path.join(folder, 'local-slack');
    if (await exists(place)) return place;
  }
  throw new Error(
    `The local Slack is not installed for ${process.platform}-${process.arch}. Install it with: npm install -g local-slack`,
  );
}

async function exists(place: string): Promise<boolean> {
  try {
    await access(place);
    return true;
  } catch {
    return false;
  }
}
