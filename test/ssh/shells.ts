import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';

/** The shells that a script must run in: AIX has ksh88 and ksh93, of which Debian has ksh93; dash and mksh are strict. */
export const shells = ['/usr/bin/ksh93', '/usr/bin/dash', '/usr/bin/mksh'].filter((path) => existsSync(path));

export interface ShellRun {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Runs `script` by a real shell over stdin and collects what it prints. */
export async function runShell(
  shell: string,
  script: string,
  env: NodeJS.ProcessEnv = {},
): Promise<ShellRun> {
  const startedAt = Date.now();
  const child = spawn(shell, [], { env: { ...process.env, ...env }, stdio: 'pipe', cwd: '/' });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(script);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    code,
    stdout: Buffer.concat(out),
    stderr: Buffer.concat(err).toString('latin1'),
    durationMs: Date.now() - startedAt,
  };
}
