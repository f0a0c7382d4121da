# Sourced first by every command of the lab. The host's tools do the work; the node's PATH is left to the node.
# LAB_ROOT: the node's (or the HMC's) root. State of the machine is in $S, faults are in $K.
node_path=$PATH
PATH=/usr/bin:/bin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
S=$LAB_ROOT/state
K=$LAB_ROOT/lab/knobs

# Writes down what runs, then plays the faults that the scenario chose for this program.
lab_start() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$LAB_ROOT/lab/ran.log"
  if [ -e "$K/slow" ]; then read -r lab_s <"$K/slow"; sleep "$lab_s"; fi
  if [ -e "$K/garbage/$1" ]; then
    printf '\001\377\376\000\033[2J<!channel> \200\201\n0x%%s\t;;;\n\377'
    exit 0
  fi
  if [ -e "$K/hang/$1" ]; then exec sleep 86400; fi
}

# What the real command prints here is not known: words of the lab, which no reader should understand.
lab_unknown() {
  echo "(lab) $*: not simulated" >&2
  exit 1
}

need_root() {
  [ "${LAB_USER:-root}" = root ] || { echo "(lab) $1: only root may run this" >&2; exit 1; }
}

# get FILE: first line of a state file, empty where there is none.
get() {
  value=
  [ -e "$S/$1" ] && IFS= read -r value <"$S/$1"
  printf %s "$value"
}

# put FILE TEXT: replaced at once, so that a reader never sees half of it; made elsewhere, so that no listing has it.
put() {
  lab_new=$S/.new.$$.${1##*/}
  printf '%s\n' "$2" >"$lab_new" && mv -f "$lab_new" "$S/$1"
}
