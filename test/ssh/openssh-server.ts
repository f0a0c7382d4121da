import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { Endpoint } from '../../src/core/target.js';

/** What these tests need of the system, and the line to type where it is missing. */
const missing = ['/usr/sbin/sshd', '/usr/bin/ssh-keygen', '/usr/bin/ksh'].filter((path) => !existsSync(path));
const lineToType = 'apt-get install openssh-server ksh93u+m';
if (missing.length > 0) {
  const message = `${missing.join(', ')} missing; type: ${lineToType}`;
  if (process.env.CI === 'true') throw new Error(message);
  console.warn(`skipped: ${message}`);
}

/** Tests that talk to a real OpenSSH server; skipped where there is none, failed in CI. */
export const describeWithOpenssh = describe.skipIf(missing.length > 0);

export interface OpensshServer {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A private key that the server lets in, mode 0600. */
  readonly identityFile: string;
  /** A known_hosts file that pins the server's ed25519 key. */
  readonly knownHosts: string;
  /** Lines of the server's ed25519, ecdsa and rsa public keys: type and base64. */
  readonly hostKeys: Readonly<Record<'ed25519' | 'ecdsa' | 'rsa', string>>;
  endpoint(changes?: Partial<Endpoint>): Endpoint;
  /** Cuts every connection without a word, as a crash of the far side would. */
  dropConnections(): void;
  /** How many connections were let in so far, by the server's own log. */
  logins(): number;
  log(): string;
  stop(): Promise<void>;
}

export interface OpensshOptions {
  /** A loopback address of its own. */
  readonly host?: string;
  /** Further lines of sshd_config; they come first and so win. */
  readonly config?: readonly string[];
}

/** Starts a real sshd as the current user, with own host keys and one authorised key. */
export async function startOpenssh(options: OpensshOptions = {}): Promise<OpensshServer> {
  const host = options.host ?? '127.0.0.1';
  const port = await freePort(host);
  const folder = mkdtempSync(join(tmpdir(), 'aixops-sshd-'));
  const user = userInfo().username;
  // As root sshd wants this directory for its privilege separation.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const hostKeys = {
    ed25519: makeKey(folder, 'host_ed25519', ['-t', 'ed25519']),
    ecdsa: makeKey(folder, 'host_ecdsa', ['-t', 'ecdsa']),
    rsa: makeKey(folder, 'host_rsa', ['-t', 'rsa', '-b', '2048']),
  };
  writeFileSync(join(folder, 'authorized_keys'), `${makeKey(folder, 'id', ['-t', 'ed25519'])}\n`);
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, `[${host}]:${port} ${hostKeys.ed25519}\n`);
  const configFile = join(folder, 'sshd_config');
  writeFileSync(configFile, configText(folder, host, port, options.config ?? []));
  const log: string[] = [];
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  sshd.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString('latin1')));
  await answers(host, port, sshd, log);
  const identityFile = join(folder, 'id');
  return {
    ...{ folder, host, port, user, identityFile, knownHosts, hostKeys },
    endpoint: (changes = {}) => ({
      ...{ name: 'lpar1', host, port, user, identityFile, knownHosts },
      ...{ agent: false, become: null, algorithms: 'modern', jump: null },
      ...changes,
    }),
    dropConnections: () => {
      for (const pid of sshdsBelow(sshd.pid ?? 0)) kill(pid);
    },
    logins: () => (log.join('').match(/^Accepted publickey/gm) ?? []).length,
    log: () => log.join(''),
    stop: async () => {
      for (const pid of sshdsBelow(sshd.pid ?? 0)) kill(pid);
      const ended = new Promise((resolve) => sshd.once('close', resolve));
      if (sshd.exitCode === null) {
        sshd.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair; returns the public key as type and base64. */
export function makeKey(folder: string, name: string, how: readonly string[]): string {
  const path = join(folder, name);
  execFileSync('/usr/bin/ssh-keygen', ['-q', '-N', '', '-C', '', ...how, '-f', path]);
  return readFileSync(`${path}.pub`, 'latin1').trim().split(' ').slice(0, 2).join(' ');
}

function configText(folder: string, host: string, port: number, first: readonly string[]): string {
  return [
    ...first,
    `ListenAddress ${host}:${port}`,
    ...['ed25519', 'ecdsa', 'rsa'].map((type) => `HostKey ${folder}/host_${type}`),
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/sshd.pid`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
    '',
  ].join('\n');
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(
  host: string,
  port: number,
  sshd: ChildProcess,
  log: readonly string[],
): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (sshd.exitCode !== null) throw new Error(`sshd ended: ${log.join('')}`);
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`sshd does not answer: ${log.join('')}`);
}

/** The sshd processes below a listener, not what they have started. */
function sshdsBelow(listener: number): readonly number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [, comm, rest] = /\((.*)\) (.*)/.exec(text) ?? [];
        return [{ pid: Number(name), comm, parent: Number(rest?.split(' ')[1]) }];
      } catch {
        return [];
      }
    });
  const below = (parent: number): number[] =>
    all
      .filter((one) => one.parent === parent && one.comm?.startsWith('sshd'))
      .flatMap((one) => [one.pid, ...below(one.pid)]);
  return below(listener);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
