/**
 * The signal in a shell's exit status, or null for a plain status. ksh93 gives 256 + signal. The others give
 * 128 + signal, which a program may also return by itself: only signals with the same number everywhere (POSIX kill)
 * and the fatal ones that AIX and Linux number alike are believed there.
 */
export function signalName(status: number): string | null {
  if (status > 256) return names[status - 256] ?? `signal ${status - 256}`;
  return names[status - 128] ?? null;
}

const names: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};
