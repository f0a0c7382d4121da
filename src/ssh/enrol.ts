import { open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RefusedError, UsageError } from '../core/errors.js';
import { judgeHostKey, matchesHost, parseKnownHosts } from './known-hosts.js';
import type { KnownHostsLine } from './known-hosts.js';

export interface Pin {
  readonly knownHosts: string;
  readonly host: string;
  readonly port: number;
  /** As `fetchHostKeys` gives it. */
  readonly line: string;
  /** Take out this host's other keys of the same type; without it a different pinned key is a refusal. */
  readonly replace: boolean;
}

/**
 * Pins a host key in a known_hosts file: written beside it with mode 0600 and renamed over it, so that readers see the
 * old file or the new one. Throws RefusedError `host-key-pinned` where another key is pinned and `replace` is not set,
 * `host-key-revoked` for a revoked key, UsageError for a line that is no pin of this host.
 */
export async function pinHostKey(pin: Pin): Promise<'added' | 'replaced' | 'already-pinned'> {
  const [wanted] = parseKnownHosts(pin.line);
  if (
    wanted?.marker !== null ||
    pin.line.includes('\n') ||
    !matchesHost(wanted.patterns, pin.host, pin.port)
  ) {
    throw new UsageError(`This is no line that pins a key of ${pin.host}:${pin.port}: ${pin.line}`);
  }
  const path = await realpath(pin.knownHosts).catch(() => pin.knownHosts);
  const text = await textOf(path);
  const answer = judgeHostKey(text, pin.host, pin.port, wanted.blob);
  if (answer.kind === 'match') return 'already-pinned';
  if (answer.kind === 'revoked') {
    throw new RefusedError(
      `This key of ${pin.host}:${pin.port} is marked @revoked in ${path}.`,
      'host-key-revoked',
    );
  }
  const old = parseKnownHosts(text).filter(
    (line) =>
      line.marker === null && line.type === wanted.type && matchesHost(line.patterns, pin.host, pin.port),
  );
  if (old.length > 0) checkReplaceable(pin, path, old);
  const kept = text.split('\n').filter((_, index) => !old.some((line) => line.lineNumber === index + 1));
  const body = kept.join('\n');
  const separator = body === '' || body.endsWith('\n') ? '' : '\n';
  await replaceFile(path, `${body}${separator}${pin.line}\n`);
  return old.length > 0 ? 'replaced' : 'added';
}

function checkReplaceable(pin: Pin, path: string, old: readonly KnownHostsLine[]): void {
  const where = old.map((line) => `line ${line.lineNumber}`).join(', ');
  if (!pin.replace) {
    const message = `Another key of this type is pinned for ${pin.host}:${pin.port} in ${path} (${where}). Nothing was changed.`;
    throw new RefusedError(message, 'host-key-pinned');
  }
  const shared = old.find((line) => /[,*?!]/.test(line.patterns));
  if (shared !== undefined) {
    const message = `Line ${shared.lineNumber} of ${path} pins its key for other hosts too: edit it by hand. Nothing was changed.`;
    throw new RefusedError(message, 'host-key-shared');
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const beside = join(dirname(path), `.known_hosts.${process.pid}.new`);
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(text, 'latin1');
    await file.sync();
    await file.close();
    await rename(beside, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(beside, { force: true });
    throw error;
  }
}
