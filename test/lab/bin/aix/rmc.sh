# What RMC does when it is started, stopped, opened and closed. Needs lab.sh and src.sh.
rmc_active() {
  on_file ctrmc || return 1
  src_read ctrmc
  [ "$status" = active ]
}

# Ends what a start has left running, and forgets the heartbeat.
rmc_forget() {
  put rmc/generation "$$-stop"
  [ "$(get rmc/link)" = none ] || put rmc/link O
}

# Whether a manager can come to know this node. Without an id none does; Power Virtual Server also wants the address
# that it injected and, where another image runs, the id that it knows.
rmc_path() {
  [ -e "$K/link-stays" ] && return 1
  [ -n "$(get node-id)" ] || return 1
  expected=$(get expected-id)
  [ -z "$expected" ] || [ "$expected" = "$(get node-id)" ] || return 1
  [ ! -e "$S/needs-ipv6" ] || grep -q 'inet6 fe80:' "$S/ifconfig"
}

# What a command of RMC's says while the daemon does not run.
need_rmc() {
  rmc_active && return 0
  echo "$1: 2612-022 A session could not be established with the RMC daemon on \"local_node\"." >&2
  exit 1
}

# The heartbeat comes up after a while, if nothing has happened in between. $1: whether RMC was started anew.
rmc_settle() {
  generation=$$-$(date +%s)
  put rmc/generation "$generation"
  # A cause that is not on this node stays as it is, whatever is restarted here.
  if [ -e "$K/link-stays" ]; then
    [ "$(get rmc/registered)" = yes ] && [ "$(get rmc/link)" = O ] && [ -s "$S/rmc/link-found" ] && put rmc/link "$(get rmc/link-found)"
    return 0
  fi
  if [ "$(get rmc/registered)" = yes ]; then
    if rmc_path; then put rmc/link i; else put rmc/link O; fi
  fi
  settle=$(get rmc/settle-s)
  (
    sleep "$settle"
    [ "$(get rmc/generation)" = "$generation" ] || exit 0
    rmc_path || exit 0
    [ "$1" = restarted ] && put rmc/registered yes && rm -f "$K/dcaps-zero"
    [ "$(get rmc/registered)" = yes ] && put rmc/link I
  ) </dev/null >/dev/null 2>&1 &
}

rmc_start() {
  rmc_active && return 0
  on_file ctrmc || src_write ctrmc rsct '' inoperative yes
  if [ -s "$K/start-failures" ]; then
    read -r left <"$K/start-failures"
    if [ "$left" -gt 0 ]; then
      echo $((left - 1)) >"$K/start-failures"
      echo '(lab) rmcctrl: the RMC subsystem could not be started' >&2
      return 1
    fi
  fi
  for file in "$S"/src/*; do
    IFS='|' read -r name group pid status auto <"$file"
    [ "$auto" = yes ] && src_start "$name"
  done
  errlog_write RMCD_INFO_0_ST
  rmc_read_id
  case $(get rmc/remote-at-start) in
    on) put rmc/remote on ;;
    off) put rmc/remote off ;;
  esac
  rm -f "$S/rmc/remote-at-start"
  [ "$(get rmc/remote)" = on ] && rmc_settle restarted
  return 0
}

# Stops ctrmc; with `all` the resource managers too.
rmc_stop() {
  for file in "$S"/src/*; do
    IFS='|' read -r name group pid status auto <"$file"
    case $name:$group:$1 in
      ctrmc:* | *:rsct_rm:all) [ "$status" = active ] && src_stop "$name" ;;
    esac
  done
  rmc_forget
}

rmc_remote() {
  was=$(get rmc/remote)
  put rmc/remote "$1"
  rmc_active || return 0
  if [ "$1" = off ]; then rmc_forget; return 0; fi
  [ "$was" = on ] || rmc_settle opened
}

# At its start RMC takes its id from its own file, if that is there.
rmc_read_id() {
  [ -e "$LAB_ROOT/var/ct/cfg/ct_node_id" ] || return 0
  IFS= read -r id <"$LAB_ROOT/var/ct/cfg/ct_node_id"
  [ "$id" = "$(get node-id)" ] || take_id "$id"
}
