/**
 * OpenSSH's known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"):
 *
 *     lpar1,10.20.1.11 ssh-ed25519 AAAAC3Nza… comment
 *     [hmc1]:2222 ecdsa-sha2-nistp256 AAAAE2Vj…
 *     |1|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM= ssh-rsa AAAAB3Nza…
 *     *.example.com,!old.example.com ssh-ed25519 AAAAC3Nza…
 *     @revoked * ssh-rsa AAAAB3Nza…
 *
 * An empty file pins nothing: every host is unknown. As in OpenSSH, a line that is not understood pins nothing either;
 * a line with an `@` marker that is not understood is an error, for it may be a revocation.
 */
import { createHash, createHmac } from 'node:crypto';
import { ParseError } from '../core/errors.js';

export interface KnownHostsAnswer {
  readonly kind: 'match' | 'unknown' | 'changed' | 'revoked';
  /** Key types pinned for this host, e.g. `ssh-ed25519`; empty when it is unknown. */
  readonly types: readonly string[];
  /** Fingerprints of the pinned keys, in the order of `types`. */
  readonly fingerprints: readonly string[];
  /** Lines that trust a certificate authority for this host. They count for nothing: host certificates are not supported. */
  readonly authorityLines: readonly number[];
}

export interface KnownHostsLine {
  readonly lineNumber: number;
  readonly marker: '@revoked' | '@cert-authority' | null;
  readonly patterns: string;
  readonly type: string;
  readonly blob: Buffer;
}

/** Judges the key that `host:port` presents; without a key, tells only what is pinned. */
export function judgeHostKey(
  text: string,
  host: string,
  port: number,
  presented: Buffer | null,
): KnownHostsAnswer {
  return judgeLines(new KnownHosts(parseKnownHosts(text)).of(host, port), presented);
}

/** The same by the lines that are about the host. */
export function judgeLines(lines: readonly KnownHostsLine[], presented: Buffer | null): KnownHostsAnswer {
  const pinned = lines.filter((line) => line.marker === null && !isRevoked(lines, line.blob));
  return {
    kind: presented === null ? 'unknown' : kindOf(lines, pinned, presented),
    types: pinned.map((line) => line.type),
    fingerprints: pinned.map((line) => fingerprint(line.blob)),
    authorityLines: lines.flatMap((line) => (line.marker === '@cert-authority' ? [line.lineNumber] : [])),
  };
}

/** A whole known_hosts file, in which each of many hosts is found without looking at every line. */
export class KnownHosts {
  private readonly byName = new Map<string, KnownHostsLine[]>();
  /** Lines with wildcards, negations or a hash: any of them may mean any host. */
  private readonly others: KnownHostsLine[] = [];

  constructor(lines: readonly KnownHostsLine[]) {
    for (const line of lines) {
      if (/[*?!|]/.test(line.patterns)) this.others.push(line);
      else
        for (const name of new Set(line.patterns.toLowerCase().split(','))) {
          const found = this.byName.get(name);
          if (found === undefined) this.byName.set(name, [line]);
          else found.push(line);
        }
    }
  }

  /** The lines about `host:port`, in the order of the file. */
  of(host: string, port: number): readonly KnownHostsLine[] {
    const named = this.byName.get(hostPattern(host, port)) ?? [];
    const other = this.others.filter((line) => matchesHost(line.patterns, host, port));
    return [...named, ...other].sort((a, b) => a.lineNumber - b.lineNumber);
  }
}

/** OpenSSH's fingerprint of a key blob: `SHA256:` and base64 without padding. */
export function fingerprint(keyBlob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(keyBlob).digest('base64').replace(/=+$/, '')}`;
}

/** The key type that a key blob names in itself, or null for something that is not a key blob. */
export function keyType(keyBlob: Buffer): string | null {
  if (keyBlob.length < 5) return null;
  const length = keyBlob.readUInt32BE(0);
  if (length === 0 || length > 64 || keyBlob.length < 4 + length) return null;
  const type = keyBlob.toString('latin1', 4, 4 + length);
  return /^[a-z0-9@.-]+$/.test(type) ? type : null;
}

/** The name under which a host is pinned: bare on port 22, else `[host]:port`. */
export function hostPattern(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The lines of a known_hosts file that pin or revoke something. Throws ParseError for an `@` line that is not understood. */
export function parseKnownHosts(text: string): readonly KnownHostsLine[] {
  return text.split('\n').flatMap((line, index) => {
    const parsed = parseLine(line.replace(/\r$/, '').trimStart(), index + 1);
    return parsed === null ? [] : [parsed];
  });
}

/** Whether a line's host field (comma-separated patterns, or one hash) means `host:port`. */
export function matchesHost(patterns: string, host: string, port: number): boolean {
  const name = hostPattern(host, port);
  if (patterns.startsWith('|')) return matchesHash(patterns, name);
  let found = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (matchesGlob(pattern.slice(1), name)) return false;
    } else if (matchesGlob(pattern, name)) found = true;
  }
  return found;
}

function kindOf(
  lines: readonly KnownHostsLine[],
  pinned: readonly KnownHostsLine[],
  presented: Buffer,
): KnownHostsAnswer['kind'] {
  if (isRevoked(lines, presented)) return 'revoked';
  if (pinned.some((line) => line.blob.equals(presented))) return 'match';
  return pinned.length > 0 ? 'changed' : 'unknown';
}

function isRevoked(lines: readonly KnownHostsLine[], blob: Buffer): boolean {
  return lines.some((line) => line.marker === '@revoked' && line.blob.equals(blob));
}

function parseLine(line: string, lineNumber: number): KnownHostsLine | null {
  if (line === '' || line.startsWith('#')) return null;
  const groups = linePattern.exec(line)?.groups;
  const blob = Buffer.from(groups?.key ?? '', 'base64');
  const marker = groups?.marker ?? null;
  const isWhole = groups !== undefined && keyType(blob) === groups.type;
  if (isWhole && (marker === null || marker === '@revoked' || marker === '@cert-authority')) {
    return { lineNumber, marker, patterns: groups.patterns ?? '', type: groups.type ?? '', blob };
  }
  if (line.startsWith('@'))
    throw new ParseError('known_hosts', 'a marked line is not understood', line, lineNumber);
  return null;
}

const linePattern =
  /^(?:(?<marker>@\S+)[ \t]+)?(?<patterns>[^@\s]\S*)[ \t]+(?<type>[a-z0-9@.-]+)[ \t]+(?<key>[A-Za-z0-9+/]+={0,2})(?:[ \t].*)?$/;

function matchesHash(patterns: string, name: string): boolean {
  const groups = /^\|1\|(?<salt>[A-Za-z0-9+/]+=*)\|(?<hash>[A-Za-z0-9+/]+=*)$/.exec(patterns)?.groups;
  if (groups?.salt === undefined || groups.hash === undefined) return false;
  const hash = createHmac('sha1', Buffer.from(groups.salt, 'base64')).update(name).digest();
  return hash.equals(Buffer.from(groups.hash, 'base64'));
}

/** `*` and `?` as in OpenSSH's match_pattern; linear in memory and without a regular expression to blow up. */
function matchesGlob(pattern: string, name: string): boolean {
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p;
      mark = n;
      p += 1;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      n = mark;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
