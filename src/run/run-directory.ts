/**
 * A step's run directory on the node: the scripts that make it, start the step in it and look at it, and the reader
 * of what they print. `mkdir` is atomic, so whoever cannot make the directory does not run the step; the step runs
 * detached and leaves its output and exit status in files, so that no lost connection and no killed worker loses them.
 *
 * The scripts are for ksh88, ksh93, dash and mksh alike: no `local`, no arrays, no `timeout`, which AIX does not have.
 */
import type { NodeStep } from '../core/plan.js';
import { stepScript } from './step-script.js';

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
