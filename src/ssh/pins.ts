/**
 * What is pinned for a host: in its known_hosts file, and beside it what people pinned from Slack. The file wins: a key
 * that it marks @revoked is good nowhere, and while both name different keys of one type nothing is connected to.
 */
import { keysInWords, type PinnedKey } from '../core/host-key.js';
import type { Endpoint } from '../core/target.js';
import { connectError } from './connect-errors.js';
import {
  fingerprint,
  hostPattern,
  judgeLines,
  parseKnownHosts,
  type KnownHosts,
  type KnownHostsAnswer,
  type KnownHostsLine,
} from './known-hosts.js';
import { knownHostsOf } from './login.js';

/** Keys that were pinned from Slack for `host:port`; rejects where they cannot be asked for. */
export type StoredKeys = (host: string, port: number) => Promise<readonly PinnedKey[]>;

/** Everything that is pinned for one endpoint. */
export interface Pins {
  /** Key types that are pinned and not revoked; empty when the host is unknown. */
  readonly types: readonly string[];
  judge(presented: Buffer): KnownHostsAnswer;
  /** Where a key of that fingerprint was pinned, for a sentence. */
  whereIs(print: string): string;
  /** Whether keys pinned from Slack were asked for: at a terminal without Redis only the file counts. */
  readonly isStoreAsked: boolean;
}

/** Reads what is pinned. Throws ConnectError where that is not to be read or contradicts itself: nobody is trusted then. */
export async function pinsOf(endpoint: Endpoint, storedKeys: StoredKeys | null): Promise<Pins> {
  const { host, port, knownHosts } = endpoint;
  const lines = (await knownHostsOf(endpoint)).of(host, port);
  const stored = storedKeys === null ? [] : await asked(endpoint, storedKeys);
  const other = contradiction(pinnedIn(lines), stored);
  if (other !== null) throw contradicted(endpoint, other);
  const fromFile = new Set(lines.map((line) => fingerprint(line.blob)));
  const fromStore = stored.map(({ type, key }) => `${hostPattern(host, port)} ${type} ${key}`);
  const all = [...lines, ...parseKnownHosts(fromStore.join('\n'))];
  return {
    types: judgeLines(all, null).types,
    judge: (presented) => judgeLines(all, presented),
    whereIs: (print) => (fromFile.has(print) ? `in ${knownHosts}` : 'from Slack'),
    isStoreAsked: storedKeys !== null,
  };
}

/** What a known_hosts file says of one endpoint. */
export interface FilePins {
  readonly pinned: readonly PinnedKey[];
  /** Fingerprints of keys that are marked @revoked for it. */
  readonly revoked: readonly string[];
  /** Lines that trust a certificate authority for it: they count for nothing. */
  readonly authorityLines: readonly number[];
}

/** What known_hosts files say of many endpoints, each file read once. Throws ConnectError where one is not to be read. */
export async function filePins(endpoints: readonly Endpoint[]): Promise<ReadonlyMap<Endpoint, FilePins>> {
  const files = new Map<string, KnownHosts>();
  const pins = new Map<Endpoint, FilePins>();
  for (const endpoint of endpoints) {
    const all = files.get(endpoint.knownHosts) ?? (await knownHostsOf(endpoint));
    files.set(endpoint.knownHosts, all);
    const lines = all.of(endpoint.host, endpoint.port);
    pins.set(endpoint, {
      pinned: pinnedIn(lines),
      revoked: lines.filter(isRevocation).map((line) => fingerprint(line.blob)),
      authorityLines: lines.flatMap((line) => (line.marker === '@cert-authority' ? [line.lineNumber] : [])),
    });
  }
  return pins;
}

/** A stored key and the file's other key of the same type; null when both agree. */
export function contradiction(
  inFile: readonly PinnedKey[],
  stored: readonly PinnedKey[],
): { readonly file: PinnedKey; readonly store: PinnedKey } | null {
  for (const store of stored) {
    const same = inFile.filter(({ type }) => type === store.type);
    const [file] = same;
    if (file !== undefined && !same.some(({ key }) => key === store.key)) return { file, store };
  }
  return null;
}

function pinnedIn(lines: readonly KnownHostsLine[]): readonly PinnedKey[] {
  const revoked = lines.filter(isRevocation);
  return lines
    .filter((line) => line.marker === null && !revoked.some(({ blob }) => blob.equals(line.blob)))
    .map(({ type, blob }) => ({ type, fingerprint: fingerprint(blob), key: blob.toString('base64') }));
}

function isRevocation({ marker }: KnownHostsLine): boolean {
  return marker === '@revoked';
}

async function asked(endpoint: Endpoint, storedKeys: StoredKeys): Promise<readonly PinnedKey[]> {
  try {
    return await storedKeys(endpoint.host, endpoint.port);
  } catch (error) {
    // Worth another try: Redis comes back, and no host is to blame.
    const what = 'was not tried: Redis did not say which host keys were pinned from Slack';
    throw connectError(endpoint, 'unreachable', what, error);
  }
}

function contradicted(
  endpoint: Endpoint,
  { file, store }: NonNullable<ReturnType<typeof contradiction>>,
): Error {
  const { name, knownHosts } = endpoint;
  return connectError(
    endpoint,
    'host-key-changed',
    `was refused: two different keys are pinned for it. In ${knownHosts}: ${keysInWords([file])}. From Slack: ` +
      `${keysInWords([store])}. Compare both with the host's own key (console, its owner). If the file is right, ` +
      `/enrol ${name} in Slack replaces the other; if the file is wrong: aixops enrol ${name} --replace`,
  );
}
