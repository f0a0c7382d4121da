import { readFileSync, statSync } from 'node:fs';
import { looseness } from '../ssh/key-file.js';
import type { Endpoint } from '../core/target.js';
import type { Settings } from './context.js';

/** Files with secrets as they lie there: what must be mended, and what a person should know. */
export interface SecretFiles {
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Looks at the modes of the private keys that the inventory names, which are not used when others may read them, and of
 * the files that secrets were read from. Files that are not here are left to who logs in.
 */
export function lookAtSecretFiles({
  config,
  inventory,
}: Pick<Settings, 'config' | 'inventory'>): SecretFiles {
  const targets = [...inventory.hmcs.values(), ...inventory.nodes.values()];
  const keys = new Set(targets.flatMap(({ endpoint }) => keysOf(endpoint)));
  const self = process.geteuid?.() ?? null;
  const problems = [...keys].flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    const why = found === undefined ? null : looseness(path, found, self);
    return why === null
      ? []
      : [`${why.charAt(0).toUpperCase()}${why.slice(1)}. Until then no login uses it.`];
  });
  return { problems, notes: config.secretFiles.flatMap(openFile) };
}

/**
 * Every private key that the inventory names, and which of them no login can use now: missing, unreadable, or open to
 * others.
 */
export function lookAtPrivateKeys({ inventory }: Pick<Settings, 'inventory'>): {
  readonly total: number;
  readonly problems: readonly string[];
} {
  const targets = [...inventory.hmcs.values(), ...inventory.nodes.values()];
  const keys = new Set(targets.flatMap(({ endpoint }) => keysOf(endpoint)));
  const self = process.geteuid?.() ?? null;
  const problems = [...keys].flatMap((path) => {
    const why = unusable(path, self);
    return why === null
      ? []
      : [`${why.charAt(0).toUpperCase()}${why.slice(1)}. Until then no login uses it.`];
  });
  return { total: keys.size, problems };
}

function unusable(path: string, self: number | null): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    return `the private key ${path} is not there: put it there, or mend inventory.yaml`;
  const loose = looseness(path, found, self);
  if (loose !== null) return loose;
  try {
    const text = readFileSync(path, 'latin1');
    if (/^-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY-----|^PuTTY-User-Key-File-/.test(text)) return null;
    return `the file ${path} holds no private key: put one there, or mend inventory.yaml`;
  } catch {
    return `the private key ${path} cannot be read by this user: mend its owner`;
  }
}

function keysOf({ identityFile, jump }: Endpoint): readonly string[] {
  return [...(identityFile === null ? [] : [identityFile]), ...(jump === null ? [] : keysOf(jump))];
}

function openFile({ variable, path }: Settings['config']['secretFiles'][number]): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & 0o077) === 0) return [];
  const octal = (found.mode & 0o777).toString(8).padStart(4, '0');
  return [
    `${variable} points to ${path}, which others on this machine may read (mode ${octal}). In a container of its own ` +
      `that is how Kubernetes mounts secrets, and harms nothing; elsewhere type: chmod 600 ${path}`,
  ];
}
