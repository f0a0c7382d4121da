import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The command line as it is installed; `npm test` builds it first. */
export const program = fileURLToPath(new URL('../../dist/src/aixops.js', import.meta.url));
if (!existsSync(program)) throw new Error(`${program} is missing; type: npm run build`);

export interface Ended {
  /** 128 and the signal's number where a signal ended it, as a shell says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves as soon as that text was printed, on either stream. */
  printed(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Runs the command line to its end, as a user would. */
export function aixops(args: readonly string[], options: CallOptions = {}): Promise<Ended> {
  return start(process.execPath, [program, ...args], options).ended;
}

/** Starts the command line and returns while it runs. */
export function startAixops(args: readonly string[], options: CallOptions = {}): Running {
  return start(process.execPath, [program, ...args], options);
}

/** Runs the command line on a terminal of its own; both streams come back as one, with line ends of a terminal. */
export function aixopsOnTerminal(args: readonly string[], options: CallOptions = {}): Running {
  const line = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  // Without `exec` dash stays in between, is ended by Ctrl-C itself, and its 130 hides how the program ended.
  return start('/usr/bin/script', ['-qefc', `exec ${line}`, '/dev/null'], options);
}

/** Runs a line of shell in which `aixops` is the command line. */
export function shell(line: string, options: CallOptions = {}): Promise<Ended> {
  const script = `aixops() { '${process.execPath}' '${program}' "$@"; }; ${line}`;
  return start('/bin/bash', ['-c', script], options).ended;
}

/** Nothing of the caller's own settings must reach the tests: with CI set, Node takes a terminal for one without colours. */
const bare = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:SLACK_|OTEL_|REDIS_URL|STORE_KEY|STEP_UP_|AUDIT_SIGNING_|AIXOPS_|NO_COLOR|FORCE_COLOR|CI$)/.test(
        name,
      ),
  ),
);

function start(file: string, args: readonly string[], options: CallOptions): Running {
  const env = { ...bare, ...options.env };
  const child = spawn(file, args, { env, cwd: options.cwd ?? tmpdir(), stdio: 'pipe' });
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (chunk: string) => {
      said[name] += chunk;
      for (const look of waiting) look();
    });
  }
  // Who does not read its input closes it.
  child.stdin.on('error', () => undefined);
  if (options.input !== undefined || file === process.execPath) child.stdin.end(options.input ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 128 + (signal === 'SIGINT' ? 2 : 15), ...said });
    });
  });
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!`${said.stdout}${said.stderr}`.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() =>
        reject(new Error(`ended without printing "${text}": ${said.stdout}${said.stderr}`)),
      );
    });
  return { child, printed, ended };
}
