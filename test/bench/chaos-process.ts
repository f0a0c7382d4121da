/**
 * A process that sweeps an estate once and says, in JSON, when each node was judged and what is left afterwards. With
 * a number it stops reading after so many verdicts, says so in a line of its own, and closes when a line comes in.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { findDiagnostic } from '../../src/runbooks/index.js';
import { sshOnly, sweepLimitsOf } from '../../src/cli/context.js';
import type { Level } from '../../src/core/verdict.js';
import { chooseSubjects } from '../../src/inventory/choose.js';
import { examine } from '../../src/run/examine.js';
import { boundsOf } from '../../src/run/limits.js';

/** One node's verdict; `atMs` from the beginning of the sweep. */
export interface Judged {
  readonly target: string;
  readonly verdict: Level;
  /** Ids of findings and, of the first one, what was found. */
  readonly findings: readonly string[];
  readonly reason: string;
  readonly atMs: number;
}

/** What one sweep came to. Milliseconds from its beginning; file descriptors of this process. */
export interface Chaos {
  readonly judged: readonly Judged[];
  readonly targets: number;
  readonly wallMs: number;
  /** So long it may take, as is said at its start. */
  readonly promisedMs: number;
  /** From the stop to the end of reading; null where nobody stopped it. */
  readonly stopMs: number | null;
  readonly filesBefore: number;
  readonly filesAfter: number;
}

const [folder = '.', diagnosticId = 'rsct-level', stopAfter = ''] = process.argv.slice(2);

const openFiles = (): number => readdirSync('/proc/self/fd').length;

const context = sshOnly(folder);
const diagnostic = findDiagnostic(diagnosticId);
const targets = chooseSubjects(diagnostic.kind, context.inventory, ['all']);
// With its first stream libuv opens a file descriptor that it keeps for when it has no other: here it is counted from the start.
process.stdin.resume();
process.stdin.pause();
const filesBefore = openFiles();
const mustLogIn = (): boolean => true;
const bounds = boundsOf(diagnostic, targets, mustLogIn, sweepLimitsOf(context.config));
const stop = new AbortController();
const times = new Map<string, number>();
const stopped: { at: number | null } = { at: null };
const begunAt = performance.now();
const { verdicts } = await examine(
  diagnostic,
  targets,
  { ...context, parser: context.certificates },
  {
    ...{ nodesAtOnce: context.nodesAtOnce, rsctLevels: context.config.rsct, now: true, fleet: [] },
    ...{ mustLogIn, ...bounds },
    stop: stop.signal,
    onVerdict: ({ target }) => {
      times.set(target, performance.now() - begunAt);
      if (stopAfter === '' || times.size !== Number(stopAfter)) return;
      stopped.at = performance.now();
      stop.abort(new Error('stopped'));
    },
  },
);
const endedAt = performance.now();
if (stopAfter !== '') {
  const goOn = once(process.stdin.resume(), 'data');
  process.stdout.write('stopped\n');
  await goOn;
  process.stdin.pause();
}
await Promise.all([context.ssh.close(), context.certificates.close()]);
const judged = verdicts.map(
  ({ target, verdict, findings }): Judged => ({
    ...{ target, verdict, findings: findings.map(({ id }) => id) },
    reason: findings[0] === undefined ? '' : `${findings[0].title}: ${findings[0].observed}`,
    atMs: times.get(target) ?? NaN,
  }),
);
const said: Chaos = {
  ...{ judged, targets: targets.length, wallMs: endedAt - begunAt, promisedMs: bounds?.withinMs ?? NaN },
  stopMs: stopped.at === null ? null : endedAt - stopped.at,
  ...{ filesBefore, filesAfter: openFiles() },
};
process.stdout.write(`${JSON.stringify(said)}\n`);
