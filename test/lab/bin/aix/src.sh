# The system resource controller's table: one file per subsystem, `name|group|pid|status|auto`.
on_file() { [ -e "$S/src/$1" ]; }

src_read() { IFS='|' read -r name group pid status auto <"$S/src/$1"; }

src_write() { put "src/$1" "$1|$2|$3|$4|$5"; }

src_row() { printf ' %-16s %-16s %-12s %s\n' "$name" "$group" "$pid" "$status"; }

src_header() { echo 'Subsystem         Group            PID          Status '; }

# AIX process ids are large and even here; none is a process of the host.
new_pid() {
  lab_n=$((${lab_n:-0} + 1))
  pid=$((4194304 + $$ * 256 + lab_n * 2))
}

src_start() {
  src_read "$1"
  new_pid
  src_write "$1" "$group" "$pid" active "$auto"
}

src_stop() {
  src_read "$1"
  src_write "$1" "$group" '' inoperative "$auto"
}

not_on_file() { echo "0513-085 The $1 Subsystem is not on file."; exit 1; }
