/**
 * A remote command is one program with literal arguments. There is no shell text in it: quoting happens in
 * `renderCommand` and nowhere else, so that nothing but literals can arrive at the node.
 */

/** `node`: AIX or VIOS by ksh, absolute path. `hmc`: the restricted shell, bare name. */
export type Side = 'node' | 'hmc';

/** read: changes nothing · idempotent: may run again · once: never retried · irreversible: once, and no way back. */
export type Effect = 'read' | 'idempotent' | 'once' | 'irreversible';

export interface RemoteCommand<E extends Effect = Effect> {
  readonly side: Side;
  readonly effect: E;
  /** Absolute path on a node; bare word on the HMC. */
  readonly program: string;
  /** Other absolute paths of the same program, tried in order where the first is not executable. */
  readonly alternatives?: readonly string[];
  readonly args: readonly string[];
  readonly timeoutMs: number;
  /** Output kept per stream; more ends the command as `too-long`. */
  readonly maxBytes: number;
  /** With `become: sudo` the command is prefixed with `sudo -n`. */
  readonly needsRoot: boolean;
  /** Where the syntax and the effect are documented. */
  readonly source: string;
}

/** A command that changes nothing, by type: diagnostics accept no other. */
export type ReadCommand = RemoteCommand<'read'>;
export type ChangeCommand = RemoteCommand<'idempotent' | 'once' | 'irreversible'>;

interface Options {
  alternatives?: readonly string[];
  timeoutMs?: number;
  maxBytes?: number;
  needsRoot?: boolean;
}

const defaults = { timeoutMs: 20_000, maxBytes: 256 * 1024, needsRoot: false } as const;

/** A reading command for an AIX or VIOS node; `program` must be an absolute path. */
export function nodeRead(
  program: string,
  args: readonly string[],
  source: string,
  options: Options = {},
): ReadCommand {
  return { side: 'node', effect: 'read', program: absolute(program), args, source, ...defaults, ...options };
}

/** A reading command for the HMC's restricted shell; `program` must be a bare word. */
export function hmcRead(
  program: string,
  args: readonly string[],
  source: string,
  options: Options = {},
): ReadCommand {
  return { side: 'hmc', effect: 'read', program: bare(program), args, source, ...defaults, ...options };
}

/** A changing command for a node. Changes on RSCT need root. */
export function nodeChange<E extends 'idempotent' | 'once' | 'irreversible'>(
  effect: E,
  program: string,
  args: readonly string[],
  source: string,
  options: Options = {},
): RemoteCommand<E> {
  return {
    side: 'node',
    effect,
    program: absolute(program),
    args,
    source,
    ...defaults,
    needsRoot: true,
    ...options,
  };
}

/** A changing command for the HMC's restricted shell; `program` must be a bare word. */
export function hmcChange<E extends 'idempotent' | 'once' | 'irreversible'>(
  effect: E,
  program: string,
  args: readonly string[],
  source: string,
  options: Options = {},
): RemoteCommand<E> {
  return { side: 'hmc', effect, program: bare(program), args, source, ...defaults, ...options };
}

/** The command as a person reads it and a POSIX shell takes it: program and quoted arguments. */
export function renderCommand(command: Pick<RemoteCommand, 'program' | 'args'>): string {
  return [command.program, ...command.args].map(quote).join(' ');
}

/** Quotes one word for a POSIX shell. Words made only of harmless characters stay bare. Throws on NUL. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a NUL cannot be an argument');
  // `=` stays bare: `name=value` is only an assignment before the command word, which is never one of ours.
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function absolute(program: string): string {
  if (!/^\/[A-Za-z0-9_./-]+$/.test(program)) throw new TypeError(`not an absolute program path: ${program}`);
  return program;
}

function bare(program: string): string {
  if (!/^[a-z][a-z0-9_-]*$/.test(program)) throw new TypeError(`not a bare HMC command: ${program}`);
  return program;
}
