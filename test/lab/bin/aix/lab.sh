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
  if [ -e "$K/failing/$1" ]; then cat "$K/failing/$1" >&2; exit 1; fi
}

# What the real command prints here is not known: words of the lab, which no reader should understand.
lab_unknown() {
  echo "(lab) $*: not simulated" >&2
  exit 1
}

is_root() { [ "${LAB_USER:-root}" = root ] && [ ! -e "$K/not-root" ]; }

need_root() { is_root || { echo "(lab) $1: only root may run this" >&2; exit 1; }; }

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

# link_of ROOT: the heartbeat of that node, in $link. Of several nodes with one node id only one is heard at a time;
# which one changes with every look of any of them.
link_of() {
  link=
  [ -e "$1/state/rmc/link" ] && IFS= read -r link <"$1/state/rmc/link"
  [ "$link" = I ] || return 0
  lab_id=
  IFS= read -r lab_id <"$1/state/node-id"
  [ -n "$lab_id" ] || return 0
  lab_count=0 lab_mine=0
  for lab_twin in "$AIXOPS_LAB/ids/$lab_id"/*; do
    [ "${lab_twin##*/}" = "${1##*/}" ] && lab_mine=$lab_count
    lab_count=$((lab_count + 1))
  done
  [ "$lab_count" -gt 1 ] || return 0
  lab_turn=0
  [ -e "$AIXOPS_LAB/ids/$lab_id/.turn" ] && IFS= read -r lab_turn <"$AIXOPS_LAB/ids/$lab_id/.turn"
  [ $((lab_turn / lab_count % lab_count)) = "$lab_mine" ] || link=O
}

# The next of the nodes with this node's id has its turn.
next_turn() {
  lab_id=$(get node-id)
  [ -n "$lab_id" ] && [ -d "$AIXOPS_LAB/ids/$lab_id" ] || return 0
  lab_turn=0
  [ -e "$AIXOPS_LAB/ids/$lab_id/.turn" ] && IFS= read -r lab_turn <"$AIXOPS_LAB/ids/$lab_id/.turn"
  echo $((lab_turn + 1)) >"$AIXOPS_LAB/ids/$lab_id/.turn"
}

# take_id ID: what RMC runs with from now on; empty for none.
take_id() {
  lab_name=${LAB_ROOT##*/}
  for lab_dir in "$AIXOPS_LAB"/ids/*/; do rm -f "$lab_dir$lab_name"; done
  put node-id "$1"
  [ -n "$1" ] || return 0
  mkdir -p "$AIXOPS_LAB/ids/$1"
  : >"$AIXOPS_LAB/ids/$1/$lab_name"
}

# errlog_write LABEL [MODULE]: an entry of the error log, if anything writes it. Entries are numbered; `errlog` has the texts.
errlog_write() {
  [ -e "$S/errlog" ] && [ ! -e "$K/no-errdemon" ] || return 0
  lab_last=$(ls "$S/errlog" | sed -n '$p')
  lab_last=$(printf %s "${lab_last:-0}" | sed 's/^0*//')
  put "errlog/$(printf %08d $((${lab_last:-0} + 1)))" "$(date +%s) $1 ${2:--}"
}
