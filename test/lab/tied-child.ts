import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Reads a pipe that ends when this process does, however it ends, and then ends the program. The watcher must close
 * the program's output, or a pipe on it would stay open as long as the watcher lives.
 */
const watch =
  'exec 3<&0 </dev/null; { read -r _ <&3; kill -TERM $$ 2>/dev/null; } >/dev/null 2>&1 & exec "$@" 3<&-';

export interface TiedChild {
  readonly process: ChildProcess;
  /** Resolves when the program has ended, with one line that says how. */
  readonly ended: Promise<string>;
  isOver(): boolean;
  /** Everything printed so far, the last 8,000 characters of it. */
  output(): string;
  /** Ends the program; SIGKILL follows when it has not gone after `patienceMs`. */
  stop(signal?: NodeJS.Signals, patienceMs?: number): Promise<void>;
}

/**
 * Starts a program that cannot outlive this process: a SIGKILL here ends it too. It gets its own process group, so
 * that Ctrl-C in a terminal reaches only us and things are shut down in order. Rejects when it cannot be started.
 */
export async function spawnTied(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<TiedChild> {
  const child = spawn('/bin/sh', ['-c', watch, 'sh', command, ...args], {
    ...options,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const printed = collect(child);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      // The watcher sees the pipe end and goes; nothing of the group may stay behind.
      child.stdin.destroy();
      endGroup(child);
      resolve(signal === null ? `exited ${String(code)}` : `was ended by ${signal}`);
    });
  });
  child.stdin.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    process: child,
    ended,
    isOver,
    output: printed,
    stop: async (signal = 'SIGTERM', patienceMs = 5_000) => {
      if (isOver()) return;
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(late);
    },
  };
}

function collect(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-8_000);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody left in it.
  }
}
