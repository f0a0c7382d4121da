/**
 * The script of one step, as it runs detached in its run directory. For ksh88, ksh93, dash and mksh alike.
 */
import type { ChangeCommand } from '../core/remote-command.js';
import { quote } from '../core/remote-command.js';
import type { NodeStep, StepCommand } from '../core/plan.js';
import type { RunPlace } from './run-directory.js';

/** The detached script: runs the step's commands in order, each under its limit, and writes the status file last. */
export function stepScript(place: Pick<RunPlace, 'become'>, step: NodeStep): string[] {
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
    '  "$@" <"${i:-/dev/null}" >>"${o:-$D/out}" 2>>"$D/err" &',
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

function commandLines(place: Pick<RunPlace, 'become'>, entry: StepCommand, number: number): string[] {
  const { command } = entry;
  const seconds = Math.ceil(command.timeoutMs / 1000);
  const call = [
    ...stdinLines(entry, number),
    ...ownOutputLines(entry, number),
    `limited ${seconds} ${sudo(place, command)}"$x" ${command.args.map(quote).join(' ')}`.trimEnd(),
    'rc=$?',
    ...outputLines(entry),
    ...comparedLines(entry, number),
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

/** What is to be compared goes into a file of its own first, so that nothing printed before it can stand for it. */
function ownOutputLines({ mustPrint }: StepCommand, number: number): string[] {
  return mustPrint === undefined ? [] : [`o=$D/own.${number}`];
}

function comparedLines({ mustPrint }: StepCommand, number: number): string[] {
  if (mustPrint === undefined) return [];
  const differs = `command ${number} did not print what the plan says it must`;
  return [
    'o=',
    `/usr/bin/cat "$D/own.${number}" >>"$D/out" </dev/null`,
    `printf '%s\\n' ${mustPrint.map(quote).join(' ')} >"$D/must.${number}"`,
    `/usr/bin/cmp -s "$D/must.${number}" "$D/own.${number}" </dev/null || { rc=1; echo ${quote(differs)} >>"$D/err"; }`,
  ];
}

function programLines(command: ChangeCommand): string[] {
  const paths = [command.program, ...(command.alternatives ?? [])];
  return [
    `x=${quote(command.program)}`,
    `for c in ${paths.map(quote).join(' ')}; do [ ! -x "$c" ] || { x=$c; break; }; done`,
  ];
}

function sudo(place: Pick<RunPlace, 'become'>, command: ChangeCommand): string {
  return place.become === 'sudo' && command.needsRoot ? '/usr/bin/sudo -n ' : '';
}

function waitLines(entry: StepCommand): string[] {
  if (entry.waitUntilStopped === undefined) return [];
  const { subsystems, timeoutMs } = entry.waitUntilStopped;
  const seconds = Math.ceil(timeoutMs / 1000);
  const names = subsystems.map(quote).join(' ');
  return [`n=0; while [ $n -lt ${seconds} ] && ! stopped ${names}; do /usr/bin/sleep 1; n=$((n+1)); done`];
}
