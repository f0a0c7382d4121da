import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { IntoRoot, OutOfRoot, intoRoot } from './rewrite.js';

/** Folder of the commands: `aix` and `hmc`. */
export const bin = fileURLToPath(new URL('./bin', import.meta.url)).replace(/\/$/, '');

/** What a shell in a root needs to know; kept in the root, so that a real sshd can start one too. */
export interface ShellSettings {
  readonly kind: 'node' | 'hmc';
  readonly user: string;
  /** The lab's folder: every process carries it in its environment, by which the lab finds and ends it. */
  readonly lab: string;
}

/** One running command. `stdin` takes what the client sends, the others give what it shall see. */
export interface RunningShell {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Writes the settings into a root. */
export function writeShellSettings(root: string, settings: ShellSettings): void {
  mkdirSync(join(root, 'lab'), { recursive: true });
  writeFileSync(join(root, 'lab/shell.json'), `${JSON.stringify(settings)}\n`);
}

/**
 * Runs `command` as sshd does: by the login shell, in a session of its own, without a terminal. A node's shell is a
 * ksh of the host, an HMC's is bash in its restricted mode. Without a command the shell reads its standard input.
 */
export function openShell(root: string, command: string | null): RunningShell {
  const settings = JSON.parse(readFileSync(join(root, 'lab/shell.json'), 'utf8')) as ShellSettings;
  return settings.kind === 'node' ? openNode(root, command, settings) : openHmc(root, command, settings);
}

function openNode(root: string, command: string | null, settings: ShellSettings): RunningShell {
  const home = join(root, 'home', settings.user);
  const child = spawn(join(root, 'usr/bin/ksh'), command === null ? [] : ['-c', intoRoot(command, root)], {
    cwd: home,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...common(root, settings, 'aix'),
      PATH: [`${root}/usr/bin`, `${root}/etc`, `${root}/usr/sbin`].join(':'),
      HOME: home,
      TMPDIR: `${root}/tmp`,
      SHELL: `${root}/usr/bin/ksh`,
    },
  });
  const stdin = new IntoRoot(root);
  stdin.pipe(child.stdin);
  child.stdin.on('error', () => stdin.resume());
  return {
    child,
    stdin,
    stdout: child.stdout.pipe(new OutOfRoot(root)),
    stderr: child.stderr.pipe(new OutOfRoot(root)),
  };
}

/**
 * An HMC's login shell is a restricted bash. Its words for a command that it lacks are given without a line number,
 * as in captures from HMCs; the rest of its refusals are the host's bash's.
 */
const restricted = [
  `command_not_found_handle() { printf '/bin/bash: %s: command not found\\n' "$1" >&2; return 127; }`,
  // Only a bash that starts restricted does this by itself.
  'readonly PATH SHELL ENV BASH_ENV',
  'set -r',
  'eval "$1"',
].join('\n');

function openHmc(root: string, command: string | null, settings: ShellSettings): RunningShell {
  const args = command === null ? ['-r'] : ['-c', restricted, '/bin/bash', command];
  const child = spawn(bash(), ['--norc', '--noprofile', ...args], {
    argv0: '/bin/bash',
    cwd: join(root, 'home'),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...common(root, settings, 'hmc'),
      PATH: `${root}/bin`,
      HOME: join(root, 'home'),
      SHELL: '/bin/bash',
    },
  });
  child.stdin.on('error', () => undefined);
  return { child, stdin: child.stdin, stdout: child.stdout, stderr: child.stderr };
}

function common(root: string, settings: ShellSettings, side: 'aix' | 'hmc'): Record<string, string> {
  return {
    AIXOPS_LAB: settings.lab,
    LAB_ROOT: root,
    LAB_BIN: join(bin, side),
    LAB_USER: settings.user,
    USER: settings.user,
    LOGNAME: settings.user,
    LANG: 'C',
  };
}

function bash(): string {
  const found = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'].find((path) => existsSync(path));
  if (found === undefined) throw new Error('the simulated HMC needs bash, for its restricted mode');
  return found;
}
