/**
 * Many reading commands as one shell script: one round trip to a node. The script is plain POSIX/ksh88 and uses only
 * what a base AIX has. It is a single brace group, so that a script that was cut off on its way runs nothing, and no
 * command can eat the rest of it from stdin.
 */
import { quote } from '../core/remote-command.js';
import type { ReadCommand } from '../core/remote-command.js';

export interface ScriptOptions {
  /** Unguessable, 32 to 64 letters, digits or dashes: names the private directory and marks the frames. */
  readonly marker: string;
  /** Absolute path of sudo for the commands that need root; null where the login user is root already. */
  readonly sudo: string | null;
}

/** The script for `commands`, in order. Throws TypeError for a marker that could be guessed or a relative sudo. */
export function buildScript(commands: readonly ReadCommand[], options: ScriptOptions): string {
  const { folder, frame } = marks(options.marker);
  if (options.sudo !== null && !/^\/[A-Za-z0-9_./-]+$/.test(options.sudo)) {
    throw new TypeError(`not an absolute path of sudo: ${options.sudo}`);
  }
  const calls = commands.map((command, index) => sectionCall(command, index, options.sudo));
  return [
    ...undoProfile,
    '{',
    `f=@${frame} w= r=`,
    ...enter(folder),
    functions,
    ...start,
    ...calls,
    ...finish,
  ].join('\n');
}

/** Milliseconds after which the script has ended by itself, whatever its commands do: the limits and their graces. */
export function scriptLimitMs(commands: readonly ReadCommand[]): number {
  return commands.reduce((sum, command) => sum + (limitSeconds(command) + graceSeconds) * 1000, 0);
}

/** The part of the marker that names the directory, and the part in the frames: a command that prints its own
 * working directory must not print the frames' mark. */
export function marks(marker: string): { readonly folder: string; readonly frame: string } {
  if (!/^[0-9A-Za-z-]{32,64}$/.test(marker))
    throw new TypeError('the marker must be 32 to 64 letters, digits or dashes');
  return { folder: marker.slice(0, 16), frame: marker.slice(16) };
}

/** The watcher looks once a second: up to one second late, then one to TERM, one to KILL, one for what is left. */
const graceSeconds = 4;

function limitSeconds(command: ReadCommand): number {
  return Math.max(1, Math.ceil(command.timeoutMs / 1000));
}

function sectionCall(command: ReadCommand, index: number, sudo: string | null): string {
  const paths = [command.program, ...(command.alternatives ?? [])];
  const via = command.needsRoot && sudo !== null ? sudo : '';
  // One byte more than is kept tells "exactly full" from "too long".
  const numbers = [index, limitSeconds(command), command.maxBytes + 1].map(String);
  return ['section', ...[...numbers, via, String(paths.length), ...paths, ...command.args].map(quote)].join(
    ' ',
  );
}

// ksh88 reads $ENV even without a terminal: a .kshrc may have put functions and aliases over the words used here.
const undoProfile = ['unalias -a 2>/dev/null', 'unset -f cd echo kill read wait shift 2>/dev/null'];

// AIX has no mktemp; mkdir fails on anything that is already there, a planted link included.
function enter(folder: string): string[] {
  return [
    'set -f',
    "IFS=' \t\n' LC_ALL=C PATH=/usr/bin:/etc:/usr/sbin:/sbin; export LC_ALL PATH",
    'd= why=',
    'for t in "$TMPDIR" /tmp /var/tmp; do',
    '  case $t in /*) ;; *) continue ;; esac',
    `  if why=$(/usr/bin/mkdir -m 700 "$t/aixops.${folder}" 2>&1); then d=$t/aixops.${folder}; break; fi`,
    'done',
    'if [ -n "$d" ] && cd "$d"; then :; else echo; echo "$f nodir $why"; exit 0; fi',
  ];
}

/**
 * capped: POSIX has no `head -c`; where it is missing, dd counts single bytes, because a pipe gives short blocks.
 * run: output is capped in a pipe and not by `ulimit -f`, which would also bite files that the command itself writes
 * (sudo's log, oslevel's cache). stderr's cap keeps fd 3, so stdout's ends last and both files are whole.
 * watch: one watcher for the whole script, because AIX has no `timeout`; it never outlives the directory by more than
 * a second. The runner is held by STOP and killed last: once it ends, the script goes on and may end the watcher.
 * A root child under sudo cannot be signalled by the login user: its readers are stopped, so nothing waits for it.
 * hidden: below a directory that the login user may not search, only sudo can tell whether the program is there.
 */
const functions = `\
case $(echo abc | /usr/bin/head -c 2 2>/dev/null) in
  ab) capped() { /usr/bin/head -c "$1"; } ;;
  *) capped() { /usr/bin/dd ibs=1 obs=4096 count="$1" 2>/dev/null; } ;;
esac
family() {
  /usr/bin/ps -e -o pid= -o ppid= >|ps 2>/dev/null
  found=" $found " more=1
  while [ -n "$more" ]; do
    more=
    while read p pp; do
      case $found in *" $p "*) ;; *" $pp "*) found="$found$p " more=1 ;; esac
    done <ps
  done
}
watch() {
  trap - 0 1 2 13 15
  seen= n=0 found=
  while :; do
    /usr/bin/sleep 1
    [ -d "$d" ] || exit 0
    i= limit= r=
    read i limit r <now
    [ -n "$r" ] || continue
    if [ "$i" = "$seen" ]; then n=$((n + 1)); else seen=$i n=0 found=; fi
    [ "$n" -ge "$limit" ] || continue
    if [ "$n" -eq "$limit" ]; then
      : >|"late.$i"
      [ -s "st.$i" ] && continue
      read found <"pid.$i"
      [ -n "$found" ] || continue
      family
      kill -15 $found
    elif [ "$n" -eq $((limit + 1)) ]; then
      [ -n "$found" ] && kill -9 $found
    else
      kill -STOP $r
      found="$found $r"
      family
      for p in $found; do [ "$p" = "$r" ] || kill -9 $p; done
      kill -9 $r
    fi
  done
}
clean() {
  trap - 0 1 2 13 15
  [ -n "$w" ] && kill -9 $w 2>/dev/null
  if [ -n "$r" ]; then found=$r; family; kill -9 $found 2>/dev/null; fi
  cd /
  /usr/bin/rm -rf "$d"
}
run() {
  trap - 0 1 2 13 15
  {
    {
      "$@" 3>&- &
      echo $! >|"pid.$i"
      wait $! 2>/dev/null
      echo $? >|"st.$i"
    } 2>&1 >&3 | capped "$keep" >|"err.$i" && : >|"errok.$i"
  } 3>&1 | capped "$keep" >|"out.$i" && : >|"outok.$i"
}
hidden() {
  h=\${1%/*}
  while [ -n "$h" ]; do
    if [ -d "$h" ]; then if [ -x "$h" ]; then return 1; else return 0; fi; fi
    h=\${h%/*}
  done
  return 1
}
section() {
  i=$1 limit=$2 keep=$3 via=$4 n=$5
  shift 5
  program= perhaps=
  while [ "$n" -gt 0 ]; do
    if [ -z "$program" ] && [ -f "$1" ] && [ -x "$1" ]; then program=$1; fi
    if [ -n "$via" ] && [ -z "$perhaps" ]; then
      if [ -f "$1" ] || hidden "$1"; then perhaps=$1; fi
    fi
    shift
    n=$((n - 1))
  done
  [ -n "$program" ] || program=$perhaps
  echo
  echo "$f begin $i"
  if [ -z "$program" ]; then
    echo; echo "$f err $i"
    echo; echo "$f end $i missing 127 0 0 0 0"
    return 0
  fi
  if [ -n "$via" ]; then set -- "$via" -n "$program" "$@"; else set -- "$program" "$@"; fi
  run "$@" &
  r=$!
  echo "$i $limit $r" >|now
  wait $r 2>/dev/null
  : >|now
  r=
  state=ran st=
  [ -f "st.$i" ] && read st <"st.$i"
  if [ -f "late.$i" ]; then
    state=late
  elif [ -f "outok.$i" ] && [ -f "errok.$i" ] && [ -n "$st" ]; then
    :
  else
    state=broken
  fi
  set -- $(/usr/bin/wc -l -c "out.$i" "err.$i" 2>/dev/null)
  sizes="\${1:-0} \${2:-0} \${4:-0} \${5:-0}"
  [ "\${2:-0}" -gt 0 ] && capped "$2" <"out.$i"
  echo; echo "$f err $i"
  [ "\${5:-0}" -gt 0 ] && capped "$5" <"err.$i"
  echo; echo "$f end $i $state \${st:-none} $sizes"
  : >|"out.$i"; : >|"err.$i"
}`;

// Traps are set outside of functions: in ksh88 an EXIT trap that a function sets fires when that function returns.
const start = ['trap clean 0', "trap 'exit 1' 1 2 13 15", ': >|now', 'watch >/dev/null 2>&1 &', 'w=$!'];

const finish = ['echo', 'echo "$f done"', 'exit 0', '} </dev/null', 'exit 1', ''];
