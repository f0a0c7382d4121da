import { whileUnchanged } from './unchanged-file.js';

/** A private key's bytes, or why the file is not used. */
export type KeyFile =
  | { readonly kind: 'key'; readonly bytes: Buffer }
  | { readonly kind: 'loose'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string; readonly cause: unknown };

/** What of a file matters for whether others may use the key in it. */
export interface KeyMode {
  readonly mode: number;
  readonly uid: number;
}

/**
 * Reads a private key, unless others may use it. Stricter than OpenSSH, which looks at the modes of one's own files
 * only (sshkey_perm_ok in authfile.c): whoever else owns the file could have put any key there, and is refused too.
 */
export async function readKeyFile(path: string): Promise<KeyFile> {
  try {
    // Who may use it is looked at each time; what is in it is read again when it has changed.
    return {
      kind: 'key',
      bytes: await keyIn(path, ({ mode, uid }) => refuseLoose(path, Number(mode), Number(uid))),
    };
  } catch (cause) {
    if (cause instanceof LooseKey) return { kind: 'loose', why: cause.message };
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    return { kind: 'unreadable', why: `the key file ${path} could not be read (${code})`, cause };
  }
}

const keyIn = whileUnchanged((bytes) => bytes);

class LooseKey extends Error {}

function refuseLoose(path: string, mode: number, uid: number): void {
  const why = looseness(path, { mode, uid }, process.geteuid?.() ?? null);
  if (why !== null) throw new LooseKey(why);
}

/** Why a key file is not used, in words that end with what to type; null where nobody else may use it. */
export function looseness(path: string, { mode, uid }: KeyMode, self: number | null): string | null {
  if (self !== null && uid !== self && uid !== 0)
    return `the key file ${path} belongs to user id ${uid}, and aixops runs as ${self}; type: chown ${self} ${path}`;
  // An orchestrator mounts secrets for a user who is not root as root's, readable by the group of that user alone.
  const isMounted = uid === 0 && self !== 0 && (mode & 0o037) === 0;
  if ((mode & 0o077) === 0 || isMounted) return null;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return `the key file ${path} may be used by others (mode ${octal}); type: chmod 600 ${path}`;
}
