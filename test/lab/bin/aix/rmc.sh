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

# The heartbeat comes up after a while, if nothing has happened in between. $1: whether RMC was started anew.
rmc_settle() {
  generation=$$-$(date +%s)
  put rmc/generation "$generation"
  [ "$(get rmc/registered)" = yes ] && put rmc/link i
  [ -e "$K/link-stays" ] && return 0
  settle=$(get rmc/settle-s)
  (
    sleep "$settle"
    [ "$(get rmc/generation)" = "$generation" ] || exit 0
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
