# Nodes of one cluster. Needs lab.sh. $S/cluster is how the cluster is configured, $S/clcomd what clcomd has read.
in_cluster() { [ -d "$S/cluster" ]; }

need_cluster() { in_cluster || lab_unknown "$1" 'outside of a cluster'; }

members() { cat "$S/cluster/members"; }

peer_root() { printf %s "$AIXOPS_LAB/nodes/$1"; }

# peer_get NODE FILE: first line of a state file of that node.
peer_get() {
  value=
  lab_file=$AIXOPS_LAB/nodes/$1/state/$2
  [ -e "$lab_file" ] && IFS= read -r value <"$lab_file"
  printf %s "$value"
}

peer_runs() { [ "$(peer_get "$1" lpar/state)" = Running ]; }

# clcomd_active ROOT
clcomd_active() {
  [ -e "$1/state/src/clcomd" ] || return 1
  IFS='|' read -r lab_n lab_g lab_p lab_status lab_a <"$1/state/src/clcomd"
  [ "$lab_status" = active ]
}

# What clcomd does at its start and when it is refreshed: it reads its list of hosts and its certificate.
clcomd_load() {
  in_cluster || return 0
  own=$(get cluster/own)
  rm -f "$S/clcomd/rhosts"
  list=$LAB_ROOT/etc/cluster/rhosts
  if [ ! -e "$list" ]; then put clcomd/rhosts-state missing
  elif [ -n "$(find "$list" -perm 0600)" ]; then
    put clcomd/rhosts-state read
    cp "$list" "$S/clcomd/rhosts"
  else
    put clcomd/rhosts-state mode
    clcomd_log "$LAB_ROOT" "WARNING: /etc/cluster/rhosts permissions must be -rw-------"
  fi
  pem=$LAB_ROOT/etc/cluster/.cert-$own
  if [ ! -e "$pem" ]; then put clcomd/certificate none
  elif openssl x509 -noout -checkend 0 -in "$pem" >/dev/null 2>&1; then put clcomd/certificate valid
  else put clcomd/certificate expired
  fi
}

# clcomd_log ROOT TEXT: lines of the lab, in the layout that administrators remember.
clcomd_log() { printf '%s: %s\n' "$(date)" "$2" >>"$1/var/hacmp/clcomd/clcomd.log"; }

# address_of NAME ROOT: by the /etc/hosts of that root; an address is its own.
address_of() {
  case $1 in
    *[!0-9.]*) ;;
    *) printf %s "$1"; return 0 ;;
  esac
  awk -v name="$1" '{ sub(/#.*/, ""); for (i = 2; i <= NF; i++) if ($i == name) { printf "%s", $1; exit } }' "$2/etc/hosts"
}

# lists ADDRESS ROOT: does the list that clcomd of that root has read name this address?
lists() {
  [ -e "$2/state/clcomd/rhosts" ] || return 1
  while IFS= read -r lab_entry || [ -n "$lab_entry" ]; do
    [ -n "$lab_entry" ] || continue
    [ "$(address_of "$lab_entry" "$2")" = "$1" ] && return 0
  done <"$2/state/clcomd/rhosts"
  return 1
}

# The long form of the cluster manager's state.
clstrmgr_details() {
  echo "Current state: $(get cluster/manager)"
  echo "i_local_nodeid $(($(get cluster/number) - 1)), i_local_siteid -1, my_handle $(get cluster/number)"
  members | awk -F'|' '{ printf "%sml_idx[%d]=%d", (NR > 1 ? "\t" : ""), $1, $1 - 1 } END { print "" }'
  echo "There are $(get cluster/events) events on the Ibcast queue"
  echo "There are $(get cluster/rm-events) events on the RM Ibcast queue"
  echo "CLversion: $(cluster_version)"
  echo "local node vrmf is $(get cluster/level | tr -d .)"
  echo 'cluster fix level is "0"'
  echo 'The following timer(s) are currently active:'
  echo 'Current DNP values'
  members | while IFS='|' read -r number node address; do
    echo "DNP Values for NodeId - $number  NodeName - $node"
    echo '    PgSpFree = 0  PvPctBusy = 0  PctTotalTimeIdle = 0.000000'
  done
}

# Levels count up from 16 for 7.2.0.
cluster_version() {
  level=$(get cluster/level)
  level=${level%.*}
  echo $((16 + ${level##*.}))
}
