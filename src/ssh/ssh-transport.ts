import { ConnectError } from '../core/errors.js';
import { unobserved, type Observe } from '../core/observe.js';
import type { Outcome } from '../core/outcome.js';
import { renderCommand } from '../core/remote-command.js';
import type { ReadCommand, RemoteCommand } from '../core/remote-command.js';
import type { HmcTarget, NodeTarget, Target } from '../core/target.js';
import type { Tracing } from '../core/tracing.js';
import { oneLine, place } from './connect-errors.js';
import { NotStarted, type ExecRequest, type ExecResult, type Open } from './connection.js';
import { decode } from './decode.js';
import { processLoad } from '../loop/load.js';
import { Pace } from './pace.js';
import type { StoredKeys } from './pins.js';
import { ended, noticing } from './noticing.js';
import { Pool } from './pool.js';
import type { TransportLog } from './pool-parts.js';
import { buildScript, scriptLimitMs } from './script.js';
import { parseSections, sectionOutcome } from './sections.js';
import type { Section } from './sections.js';
import { Semaphore } from './semaphore.js';
import type { Transport } from './transport.js';

/** Lets the caller limit the commands under way per HMC over all its workers. An aborted signal ends the waiting only. */
export type HmcGate = <T>(hmcName: string, work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export interface SshTransportOptions {
  readonly connectTimeoutMs: number;
  readonly idleCloseMs: number;
  /** Commands at the same time per HMC in this process; an HMC is small. Not used when `hmcGate` is given. */
  readonly hmcSessions: number;
  /** Unguessable, 32 to 64 letters, digits or dashes; frames the sections of a script. */
  readonly random: () => string;
  readonly hmcGate?: HmcGate;
  /** The path in SSH_AUTH_SOCK, for endpoints that use the agent. */
  readonly agentSocket?: string | null;
  /** What was pinned from Slack, asked for at each connect; left out where only known_hosts files count. */
  readonly storedKeys?: StoredKeys | null;
  /** What scripts are given to; `/usr/bin/ksh` unless told otherwise. */
  readonly shell?: string;
  /** Absolute path of sudo on the nodes; `/usr/bin/sudo` unless told otherwise. */
  readonly sudo?: string;
  readonly log?: TransportLog;
  readonly observe?: Observe;
  readonly tracing?: Tracing;
}

/** Our own patience beyond what a script may take by itself: its start and its output's way back. */
const patienceMs = 30_000;
/** Bytes kept of each stream of a script that is not made here. */
const scriptBytes = 1024 * 1024;
/** A node that has not answered for so long is waited for beside the others: it costs only its own time. */
const readPace = { first: 800, least: 500, most: 5_000, atOnce: 1_000, parkAfterMs: 1_000 } as const;
/** Room for what a profile prints before the first frame, and for each section's frames. */
const noiseBytes = 64 * 1024;
const frameBytes = 512;

/** Runs something that only reads on a target's connection. */
type Look = (target: Target, request: ExecRequest) => Promise<ExecResult>;

/** The transport over connections that `open` makes. */
export function createTransport(options: SshTransportOptions, open: Open): Transport {
  const { connectTimeoutMs, idleCloseMs, agentSocket = null, storedKeys = null, log } = options;
  const { observe = unobserved } = options;
  const identities = new Map<string, string | null>();
  const remembering: Open = async (endpoint, how) => {
    const connection = await open(endpoint, how);
    identities.set(JSON.stringify(endpoint), connection.identity);
    return connection;
  };
  const watched = noticing(remembering, observe);
  const pool = new Pool({ open: watched, connectTimeoutMs, idleCloseMs, agentSocket, storedKeys, log });
  const shell = options.shell ?? '/usr/bin/ksh';
  const look: Look = (target, request) =>
    pool.use(target, request.signal, (connection) =>
      connection.exec(request).then(ended('read', target.kind, observe)),
    );
  const gate = options.hmcGate ?? localGate(options.hmcSessions);
  const reads = new Pace(readPace, processLoad());
  return {
    read: async (target, commands, signal) => {
      checkSides(target, commands);
      if (commands.length === 0) return [];
      if (target.kind === 'hmc') return readHmc(look, gate, target, commands, signal);
      return reads.run(signal, () => readNode(look, { ...options, shell }, target, commands, signal));
    },
    room: async (signal) => {
      await pool.whilePressed(signal);
      return reads.room(signal);
    },
    script: async (target, script, limitMs) => {
      const stops = { whenFull: 'drain', whenLate: 'lost', signal: undefined } as const;
      const request = { command: shell, stdin: script, keepBytes: scriptBytes, limitMs, ...stops };
      const result = await pool.use(target, undefined, (connection) =>
        connection.exec(request).then(ended('step', 'node', observe)),
      );
      return asOutcome(result);
    },
    change: async (hmc, command, limitMs) => {
      checkSides(hmc, [command]);
      // Output that nobody needs must not stop a change half way.
      const stops = { whenFull: 'drain', whenLate: 'timed-out', signal: undefined } as const;
      const { maxBytes: keepBytes } = command;
      const request = { command: renderCommand(command), stdin: null, keepBytes, limitMs, ...stops };
      const result = await gate(hmc.name, () =>
        pool.use(hmc, undefined, (connection) =>
          connection.exec(request).then(ended('step', 'hmc', observe), unlessTaken),
        ),
      );
      return result === null ? lost('') : asOutcome(result);
    },
    notUnderstood: (command) => observe({ kind: 'not-understood', command }),
    identityOf: ({ endpoint }) => identities.get(JSON.stringify(endpoint)) ?? null,
    close: () => pool.close(),
  };
}

/** null for a change that the server may have taken without saying so: given again, it might run twice. */
function unlessTaken(error: unknown): null {
  if (error instanceof NotStarted && error.why === 'unconfirmed') return null;
  throw error;
}

async function readNode(
  look: Look,
  options: SshTransportOptions & { readonly shell: string },
  target: NodeTarget,
  commands: readonly ReadCommand[],
  signal: AbortSignal | undefined,
): Promise<readonly Outcome[]> {
  const marker = options.random();
  const sudo = target.endpoint.become === 'sudo' ? (options.sudo ?? '/usr/bin/sudo') : null;
  const stdin = buildScript(commands, { marker, sudo });
  const output = commands.reduce((sum, { maxBytes }) => sum + 2 * maxBytes + frameBytes, noiseBytes);
  const limitMs = scriptLimitMs(commands) + patienceMs;
  const stops = { whenFull: 'stop', whenLate: 'lost', signal } as const;
  const request = { command: options.shell, stdin, keepBytes: output, limitMs, ...stops };
  const result = await look(target, request);
  const { sections, noDirectory, isStarted } = parseSections(result.stdout, marker, commands.length);
  if (noDirectory !== null) return commands.map(() => notRun(noDirectory));
  if (!isStarted && result.ended === 'exited') throw shellRefused(target, options.shell, result);
  return commands.map((command, index) => {
    const section = sections[index] ?? null;
    if (section === null) return lost('');
    return sectionOutcome(command, section, durationMs(section, result));
  });
}

async function readHmc(
  look: Look,
  gate: HmcGate,
  target: HmcTarget,
  commands: readonly ReadCommand[],
  signal: AbortSignal | undefined,
): Promise<readonly Outcome[]> {
  const connecting: { failed: ConnectError | null } = { failed: null };
  const one = async (command: ReadCommand): Promise<ExecResult> => {
    const stops = { whenFull: 'stop', whenLate: 'timed-out', signal } as const;
    const { maxBytes: keepBytes, timeoutMs: limitMs } = command;
    const request = { command: renderCommand(command), stdin: null, keepBytes, limitMs, ...stops };
    const work = (): Promise<ExecResult> => {
      signal?.throwIfAborted();
      // Who could not connect for one command need not wait as long again for the next.
      if (connecting.failed !== null) throw connecting.failed;
      return look(target, request);
    };
    try {
      return await gate(target.name, async () => work(), signal);
    } catch (error) {
      if (error instanceof ConnectError) connecting.failed = error;
      throw error;
    }
  };
  const results = await Promise.allSettled(commands.map(one));
  const rejected = results.filter((result) => result.status === 'rejected');
  const [first] = rejected;
  // An error says that nothing was run at all; as soon as one command was, each tells its own outcome.
  if (first !== undefined && rejected.length === results.length) throw first.reason;
  return results.map((result) => {
    if (result.status === 'fulfilled') return asOutcome(result.value);
    if (result.reason instanceof ConnectError || signal?.aborted === true)
      return lost(`${String(result.reason)}\n`);
    throw result.reason;
  });
}

function localGate(sessions: number): HmcGate {
  const gates = new Map<string, Semaphore>();
  return (hmcName, work, signal) => {
    const gate = gates.get(hmcName) ?? new Semaphore(sessions);
    gates.set(hmcName, gate);
    return gate.run(signal, work);
  };
}

function checkSides(target: Target, commands: readonly RemoteCommand[]): void {
  const stray = commands.find((command) => command.side !== target.kind);
  if (stray !== undefined)
    throw new TypeError(`${stray.program} is no command for ${target.name}, which is a ${target.kind}`);
}

function asOutcome(result: ExecResult): Outcome {
  const { ended, exitCode, signal, durationMs } = result;
  const isCut = ended !== 'exited';
  return {
    ended,
    exitCode,
    signal,
    durationMs,
    stdout: decode(result.stdout, isCut),
    stderr: decode(result.stderr, isCut),
  };
}

/** From the arrival of a section's first frame to that of its last. */
function durationMs(section: Section, result: ExecResult): number {
  const at = (offset: number) =>
    result.arrivals.find((arrival) => arrival.bytes > offset)?.atMs ?? result.durationMs;
  return at(section.endsAt) - at(section.beginsAt);
}

function lost(stderr: string): Outcome {
  return { ended: 'lost', exitCode: null, signal: null, stdout: '', stderr, durationMs: 0 };
}

/** 126 is what a shell answers for "found, but could not be run". */
function notRun(why: string): Outcome {
  const stderr = `aixops: not run: no private directory could be made on the node: ${oneLine(why)}\n`;
  return { ended: 'exited', exitCode: 126, signal: null, stdout: '', stderr, durationMs: 0 };
}

function shellRefused(target: NodeTarget, shell: string, result: ExecResult): ConnectError {
  const { name, endpoint } = target;
  const said = oneLine(decode(result.stderr, true) || decode(result.stdout, true)) || 'nothing';
  const message =
    `Login as ${endpoint.user} on ${place(endpoint)} worked, but ${shell} did not run the script: ` +
    `exit status ${result.exitCode ?? 'unknown'}, it said: ${said}. Nothing was run.`;
  return new ConnectError(name, 'login-refused', message);
}
