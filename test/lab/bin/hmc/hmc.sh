# Sourced by the HMC's commands, after lab.sh. Systems are folders, an LPAR is a file with the path of its node's root.
# Failures of the HMC's commands go to standard output.
fail() { printf '%s\n' "$1"; exit 1; }

fail_required() {
  fail "The command entered is either missing a required parameter or a parameter value is invalid. The parameters that are missing or have an invalid value are $1. Please check your entry and retry the command."
}

# find_system NAME: sets $system to its folder.
find_system() {
  for system in "$S"/systems/*; do
    IFS= read -r lab_name <"$system/name"
    [ "$lab_name" = "$1" ] && return 0
  done
  fail "HSCL8018 The managed system $1 was not found.  Please check your entry and retry the command."
}

# find_lpar KIND WANTED: in $system, by `id` or `name`; sets $lpar to the root of its node and $lpar_id.
find_lpar() {
  for lab_file in "$system"/lpars/*; do
    [ -e "$lab_file" ] || continue
    of "$lab_file"
    lpar=$value lpar_id=${lab_file##*/}
    of "$lpar/state/lpar/name"
    [ "$1" = id ] && value=$lpar_id
    [ "$value" = "$2" ] && return 0
  done
  [ "$1" = name ] && fail "HSCL8012 The partition named $2 was not found.  Please check your entry and retry the command."
  fail "HSCL8012 The partition with ID $2 was not found.  Please check your entry and retry the command."
}

# need_connection: the HMC does nothing with a system that it has lost. The code is known, its words are not.
need_connection() {
  sys_view
  case $a_state in 'No Connection') fail "HSCL0237 (lab) The managed system $a_name is in the No Connection state." ;; esac
}

# of FILE: first line of a file, in $value, without a process.
of() {
  value=
  [ -e "$1" ] && IFS= read -r value <"$1"
  return 0
}

# The HMC's view of the node at $1, from its state as it is now: every attribute is a variable a_NAME.
lpar_view() {
  n=$1/state
  of "$n/lpar/id"; a_lpar_id=$value
  of "$n/lpar/name"; a_name=$value
  of "$n/lpar/env"; a_lpar_env=$value
  of "$n/lpar/state"; a_state=$value
  of "$n/lpar/uuid"; a_uuid=$value
  of "$n/lpar/address"; address=$value
  of "$n/lpar/hostname"; hostname=$value
  of "$n/lpar/pinned"; pinned=$value
  of "$n/oslevel"; level=$value
  of "$n/rmc/dcaps"; dcaps=$value
  of "$n/rmc/registered"; registered=$value
  of "$n/lpar/migration"; a_migration_state=$value
  link_of "$1"
  # An in-band connection shows on the HMC as any other.
  of "$n/src/mcproxy"
  case $value in *'|active|'*) registered=yes link=I ;; esac
  of "$n/src/IBM.DRM"; drm=$value
  [ -e "$1/lab/knobs/hmc-address" ] && of "$1/lab/knobs/hmc-address" && address=$value
  active=0
  [ "$a_state" = Running ] && [ "$link" = I ] && active=1
  version=${level%%-*}
  major=${version%${version#?}}
  minor=${version#?}
  minor=${minor%${minor#?}}
  if [ $active = 1 ]; then
    case $drm in *'|active|'*) ;; *) dcaps=0x0 ;; esac
    [ -e "$1/lab/knobs/dcaps-zero" ] && dcaps=0x0
  else
    pinned=0
  fi
  a_rmc_state=inactive a_rmc_ipaddr=$address a_os_version="AIX $major.$minor $level"
  os="AIX, $major.$minor, $level"
  [ $active = 1 ] && a_rmc_state=active
  of "$S/unknown-word"; unknown=$value
  if [ "$a_state" != Running ]; then a_rmc_ipaddr='' a_os_version=$unknown os=' , , '; fi
  if [ "$registered" != yes ]; then a_rmc_state=none a_rmc_ipaddr='' a_os_version=$unknown; fi
  # IBM i has an RMC that tells the HMC little; what a real HMC prints for it is not known.
  if [ "$a_lpar_env" = os400 ]; then
    a_rmc_state=none a_rmc_ipaddr='' a_os_version='IBM i (lab)' os=' , , ' active=0 registered=no
  fi
  if [ -n "$sys_lost" ]; then a_rmc_state=inactive active=0; fi
  capable=0
  [ $active = 1 ] && [ "$dcaps" != 0x0 ] && capable=1
  [ -e "$1/lab/knobs/hmc-views-disagree" ] && [ $active = 1 ] && a_rmc_state=inactive
  a_resource_config=1 a_curr_profile=default a_default_profile=default a_work_group_id=none a_boot_mode=norm
  a_auto_start=0 a_rmc_osshutdown_capable=$capable
  a_dlpar_mem_capable=$capable a_dlpar_proc_capable=$capable a_dlpar_io_capable=$capable
  of "$system/serial"; a_logical_serial_num=$value$(printf %X "$a_lpar_id")
}

# The view of the system at $system; an LPAR's scenario may have taken the whole system away.
sys_view() {
  sys_lost=
  for lab_file in "$system"/lpars/*; do
    [ -e "$lab_file" ] || continue
    of "$lab_file"
    [ -e "$value/lab/knobs/system-state" ] && of "$value/lab/knobs/system-state" && sys_lost=$value
  done
  of "$system/name"; a_name=$value
  of "$system/type_model"; a_type_model=$value
  of "$system/serial"; a_serial_num=$value
  of "$system/ipaddr"; a_ipaddr=$value
  of "$system/state"; a_state=${sys_lost:-$value}
  a_state_detail='' a_sp_type=fsp
}

# A value as the HMC quotes it: in double quotes when it has a comma, inner ones doubled.
quoted() {
  case $1 in
    *\"*) printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')" ;;
    *,*) printf '"%s"' "$1" ;;
    *) printf %s "$1" ;;
  esac
}

# check_fields LIST KNOWN: every name of the comma list must be a word of KNOWN.
check_fields() {
  rest=$1,
  while [ -n "$rest" ]; do
    case " $2 " in *" ${rest%%,*} "*) ;; *) fail_required -F ;; esac
    rest=${rest#*,}
  done
}

# row LIST: values only (-F).
row() {
  rest=$1, comma=
  while [ -n "$rest" ]; do
    eval "value=\$a_${rest%%,*}"
    printf %s "$comma"
    quoted "$value"
    comma=,
    rest=${rest#*,}
  done
  echo
}

# pairs LIST: name=value, the whole pair in quotes where the value has a comma.
pairs() {
  rest=$1, comma=
  while [ -n "$rest" ]; do
    eval "value=\$a_${rest%%,*}"
    printf %s "$comma"
    quoted "${rest%%,*}=$value"
    comma=,
    rest=${rest#*,}
  done
  echo
}

commas() { printf %s "$*" | tr ' ' ','; }
