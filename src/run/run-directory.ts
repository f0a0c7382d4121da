/**
 * A step's run directory on the node: the scripts that make it, start the step in it and look at it, and the reader
 * of what they print. `mkdir` is atomic, so whoever cannot make the directory does not run the step; the step runs
 * detached and leaves its output and exit status in files, so that no lost connection and no killed worker loses them.
 *
 * The scripts are for ksh88, ksh93, dash and mksh alike: no `local`, no arrays, no `timeout`, which AIX does not have.
 */
import type { ChangeCommand } from '../core/remote-command.js';
import { quote } from '../core/remote-command.js';
import type { NodeStep, StepCommand } from '../core/plan.js';

/** Where the run directory is and how root is had there. */
export interface RunPlace {
  readonly changeId: string;
  readonly stepId: string;
  readonly become: 'sudo' | null;
}

export type Look =
  | { readonly kind: 'absent' }
  | { readonly kind: 'not-created'; readonly reason: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'finished';
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    };

/** Bytes of each output file that are brought back; the rest stays on the node. */
const keptBlocks = 128;

/**
 * The script that claims the step's directory and starts the step; if the directory exists already it starts nothing.
 * Either way it then looks for up to `waitSeconds`. `nonce` frames the answer: output of the step cannot forge it.
 */
export function startScript(place: RunPlace, step: NodeStep, nonce: string, waitSeconds: number): string {
  const end = `AIXOPS_END_${nonce}`;
  return [
    ...preamble(place, nonce),
    '/usr/bin/mkdir -p "$P" 2>/dev/null',
    'if /usr/bin/mkdir "$D" 2>/dev/null; then',
    `  if /usr/bin/cat >"$D/run.sh" <<'${end}'`,
    ...stepScript(place, step),
    end,
    '  then',
    '    /usr/bin/nohup /usr/bin/ksh "$D/run.sh" "$D" </dev/null >/dev/null 2>&1 &',
    '    echo $! >"$D/pid"',
    '  else',
    '    /usr/bin/rm -f "$D/run.sh"; /usr/bin/rmdir "$D"',
    '    frame not-created "could not write $D/run.sh"; exit 0',
    '  fi',
    'elif [ ! -d "$D" ]; then',
    '  frame not-created "could not make $D"; exit 0',
    'fi',
    ...lookLines(waitSeconds),
    '',
  ].join('\n');
}

/** The read-only script that looks at a step's directory, waiting up to `waitSeconds` for its outcome. */
export function lookScript(place: RunPlace, nonce: string, waitSeconds: number): string {
  return [
    ...preamble(place, nonce),
    'if [ ! -d "$D" ]; then frame absent ""; exit 0; fi',
    ...lookLines(waitSeconds),
    '',
  ].join('\n');
}

/** The script that removes all of a change's run directories. */
export function removeScript(place: Omit<RunPlace, 'stepId'>): string {
  return [...preamble({ ...place, stepId: 'none' }, 'none'), '/usr/bin/rm -rf "$P"', ''].join('\n');
}

/** Where people find the directory: absolute for root, below the home folder with `become`. */
export function runDirectory(place: RunPlace): string {
  return `${baseOf(place)}/${place.changeId}/${place.stepId}`;
}

/** Reads what the scripts above print; null when the answer did not arrive whole. */
export function readLook(stdout: string, nonce: string): Look | null {
  const head = new RegExp(`^AIXOPS ${nonce} (?<kind>[a-z-]+) (?<rest>.*)$`, 'm').exec(stdout);
  if (head?.groups === undefined || !stdout.includes(`AIXOPS ${nonce} end`)) return null;
  const rest = head.groups['rest'] ?? '';
  switch (head.groups['kind']) {
    case 'absent':
      return { kind: 'absent' };
    case 'not-created':
      return { kind: 'not-created', reason: rest };
    case 'running':
      return { kind: 'running' };
    case 'gone':
      return { kind: 'gone' };
    case 'finished':
      return finished(stdout, nonce, rest);
    default:
      return null;
  }
}

function finished(stdout: string, nonce: string, rest: string): Look | null {
  if (!/^\d{1,3}$/.test(rest)) return null;
  const out = between(stdout, `AIXOPS ${nonce} out\n`, `\nAIXOPS ${nonce} err\n`);
  const err = between(stdout, `AIXOPS ${nonce} err\n`, `\nAIXOPS ${nonce} end`);
  if (out === null || err === null) return null;
  return { kind: 'finished', exitCode: Number(rest), stdout: out, stderr: err };
}

function between(text: string, from: string, to: string): string | null {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start + from.length - 1);
  return start < 0 || end < 0 ? null : text.slice(start + from.length, Math.max(end, start + from.length));
}

function baseOf(place: Pick<RunPlace, 'become'>): string {
  return place.become === null ? '/var/adm/aixops' : '$HOME/.aixops';
}

function preamble(place: RunPlace, nonce: string): string[] {
  for (const word of [place.changeId, place.stepId, nonce])
    if (!/^[A-Za-z0-9-]+$/.test(word)) throw new TypeError(`not a safe name for a run directory: ${word}`);
  return [
    'umask 077',
    'LC_ALL=C; export LC_ALL',
    `P="${baseOf(place)}/${place.changeId}"`,
    `D="$P/${place.stepId}"`,
    `frame() { printf 'AIXOPS ${nonce} %s %s\\n' "$1" "$2"; [ "$1" = finished ] || printf 'AIXOPS ${nonce} end\\n'; }`,
    `mark() { printf '\\nAIXOPS ${nonce} %s\\n' "$1"; }`,
  ];
}

function lookLines(waitSeconds: number): string[] {
  return [
    // A process id may be used again by another program: it only counts as ours while its arguments name the directory.
    'alive() {',
    '  p=$(/usr/bin/cat "$D/pid" 2>/dev/null)',
    '  [ -n "$p" ] || return 1',
    '  case "$(/usr/bin/ps -o args= -p "$p" 2>/dev/null)" in *"$D/run.sh"*) return 0 ;; esac',
    '  return 1',
    '}',
    'n=0; dead=0',
    // Two looks a second apart before "gone": the status file is renamed into place just before the process ends.
    `while [ ! -f "$D/status" ] && [ $n -lt ${waitSeconds} ] && [ $dead -lt 2 ]; do`,
    '  if alive; then dead=0; else dead=$((dead+1)); fi',
    '  /usr/bin/sleep 1 </dev/null; n=$((n+1))',
    'done',
    'if [ -f "$D/status" ]; then',
    '  frame finished "$(/usr/bin/cat "$D/status")"',
    `  mark out; [ ! -f "$D/out" ] || /usr/bin/dd if="$D/out" bs=512 count=${keptBlocks} 2>/dev/null </dev/null`,
    `  mark err; [ ! -f "$D/err" ] || /usr/bin/dd if="$D/err" bs=512 count=${keptBlocks} 2>/dev/null </dev/null`,
    '  mark end',
    'elif alive; then frame running ""',
    'else frame gone ""',
    'fi',
  ];
}

/** The detached script: runs the step's commands in order, each under its limit, and writes the status file last. */
function stepScript(place: RunPlace, step: NodeStep): string[] {
  return [
    'D=$1',
    'echo $$ >"$D/pid"',
    // What a command saves under a bare file name is kept with the step's output, and goes with it.
    'cd "$D" || exit 1',
    'LC_ALL=C; export LC_ALL',
    'code=0',
    // $1 seconds, then the command. AIX has no timeout command: a killer waits beside it.
    'limited() {',
    '  s=$1; shift',
    '  "$@" <"${i:-/dev/null}" >>"$D/out" 2>>"$D/err" &',
    '  c=$!',
    '  ( n=0',
    '    while [ $n -lt $s ]; do /usr/bin/sleep 1; kill -0 $c 2>/dev/null || exit 0; n=$((n+1)); done',
    '    echo "stopped after $s s: $*" >>"$D/err"; kill $c; /usr/bin/sleep 3; kill -9 $c ) >/dev/null 2>&1 </dev/null &',
    '  k=$!',
    '  wait $c; rc=$?',
    '  kill $k 2>/dev/null',
    '  return $rc',
    '}',
    'stopped() {',
    '  for s in "$@"; do',
    '    case "$(/usr/bin/lssrc -s "$s" 2>&1 </dev/null)" in *inoperative*|*0513-085*) ;; *) return 1 ;; esac',
    '  done',
    '  return 0',
    '}',
    ...step.commands.flatMap((entry, index) => commandLines(place, entry, index + 1)),
    'echo $code >"$D/status.new" && /usr/bin/mv "$D/status.new" "$D/status"',
  ];
}

function commandLines(place: RunPlace, entry: StepCommand, number: number): string[] {
  const { command } = entry;
  const seconds = Math.ceil(command.timeoutMs / 1000);
  const call = [
    ...stdinLines(entry, number),
    `limited ${seconds} ${sudo(place, command)}"$x" ${command.args.map(quote).join(' ')}`.trimEnd(),
    'rc=$?',
    ...outputLines(entry),
    `echo "${number} $rc" >>"$D/exits"`,
    ...(entry.mayFail === true ? [] : ['[ $rc -eq 0 ] || [ $code -ne 0 ] || code=$rc']),
    ...waitLines(entry),
  ];
  const run = [
    ...programLines(command),
    ...(entry.onlyWhereInstalled === true ? whereInstalled(call) : call),
  ];
  // A command that must run whatever came before it, such as the start after a stop, stands outside the condition.
  return entry.always ? run : ['if [ $code -eq 0 ]; then', ...run.map((line) => `  ${line}`), 'fi'];
}

/** The lines for a program that was found, and words in the output where it was not. */
function whereInstalled(lines: readonly string[]): string[] {
  return [
    'if [ -x "$x" ]; then',
    ...lines.map((line) => `  ${line}`),
    'else echo "left out, not installed: $x" >>"$D/out"',
    'fi',
  ];
}

/** The text for standard input goes into a file first: what runs in the background reads no here-document everywhere. */
function stdinLines({ stdin }: StepCommand, number: number): string[] {
  if (stdin === undefined) return ['i='];
  return [`i=$D/in.${number}`, `printf '%s' ${quote(stdin)} >"$i"`];
}

/** Some programs refuse in words and still exit 0. */
function outputLines({ failsOnOutput = [] }: StepCommand): string[] {
  return failsOnOutput.map(
    (text) => `! /usr/bin/grep -F ${quote(text)} "$D/out" "$D/err" >/dev/null 2>&1 </dev/null || rc=1`,
  );
}

function programLines(command: ChangeCommand): string[] {
  const paths = [command.program, ...(command.alternatives ?? [])];
  return [
    `x=${quote(command.program)}`,
    `for c in ${paths.map(quote).join(' ')}; do [ ! -x "$c" ] || { x=$c; break; }; done`,
  ];
}

function sudo(place: RunPlace, command: ChangeCommand): string {
  return place.become === 'sudo' && command.needsRoot ? '/usr/bin/sudo -n ' : '';
}

function waitLines(entry: StepCommand): string[] {
  if (entry.waitUntilStopped === undefined) return [];
  const { subsystems, timeoutMs } = entry.waitUntilStopped;
  const seconds = Math.ceil(timeoutMs / 1000);
  const names = subsystems.map(quote).join(' ');
  return [`n=0; while [ $n -lt ${seconds} ] && ! stopped ${names}; do /usr/bin/sleep 1; n=$((n+1)); done`];
}
