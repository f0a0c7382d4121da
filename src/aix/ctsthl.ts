/**
 * `ctsthl -l`: the trusted host list: who may authenticate to this node, and by which public key.
 *
 *     ctsthl: Contents of trusted host list file:
 *     ------------------------------------------------------------------------
 *     Host Identity:                 hmc1.example.com
 *     Identifier Generation Method:  rsa1024
 *     Identifier Value:
 *     120400a8f2c1…
 *     ------------------------------------------------------------------------
 *
 * The key is hexadecimal and may take several lines. It is public and long: only its SHA-256 is kept, which is enough
 * to see whether two nodes mean the same key. A rule closes each entry. Printing nothing is no answer.
 * NOT PROVEN: no public capture was found; the man page names the three fields, their labels are field knowledge.
 * Anything else is an error. Source: RSCT 3.2, ctsthl man page.
 */
import { createHash } from 'node:crypto';
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface TrustedHost {
  readonly identity: string;
  /** `rsa1024`, `rsa2048_sha256` and so on. */
  readonly method: string;
  /** Of the key's bytes, in hexadecimal. */
  readonly keySha256: string;
}

const command = 'ctsthl';
const banner = /^(?:\S*ctsthl: )?Contents of trusted host list file:?$/;
const rule = /^-{10,}$/;
const identity = /^Host (?:Identity|Name):\s+(?<value>\S+)$/i;
const method = /^Identifier Generation Method:\s+(?<value>[a-z]{3}\d{3,5}(?:_[a-z0-9]+)*)$/i;
const valueTitle = /^Identifier Value:$/i;
const hex = /^(?:[0-9a-f]+)$/i;
/** Keys are of 512 bits and more: what has not even 128 is none. */
const shortestKey = 32;

/** Reads the entries of the trusted host list. */
export const ctsthlReader: Reader<readonly TrustedHost[]> = { id: command, programs: [command], read };

function read(text: string): Answer<readonly TrustedHost[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => identity.test(line) || rule.test(line));
  if (failure !== null) return failed(failure);
  const body = banner.test(lines[0]?.text ?? '') ? lines.slice(1) : lines;
  const end = body.at(-1);
  if (end === undefined || !rule.test(end.text)) throw endsEarly(command, 'the last rule is missing', lines);
  const groups: Line[][] = [[]];
  for (const line of body) {
    if (rule.test(line.text)) groups.push([]);
    else groups.at(-1)?.push(line);
  }
  return answer(groups.filter((group) => group.length > 0).map(readEntry));
}

function readEntry(lines: readonly Line[]): TrustedHost {
  const [first, second, third, ...key] = lines;
  const host = must(identity, first, lines);
  const generation = must(method, second, lines);
  must(valueTitle, third, lines);
  if (!isHost(host)) throw notUnderstood(command, 'not a host name or address', first ?? lines[0]!); // `must` found it
  const alien = key.find((line) => !hex.test(line.text));
  if (alien !== undefined) throw notUnderstood(command, 'not a key', alien);
  const digits = key.map(({ text }) => text).join('');
  if (digits.length < shortestKey || digits.length % 2 !== 0)
    throw endsEarly(command, 'the key is not whole', lines);
  return { identity: host, method: generation, keySha256: sha256(digits) };
}

function must(form: RegExp, line: Line | undefined, lines: readonly Line[]): string {
  if (line === undefined) throw endsEarly(command, 'an entry is not whole', lines);
  const found = form.exec(line.text);
  if (found === null) throw notUnderstood(command, 'not the line that belongs here', line);
  return found.groups?.value ?? '';
}

function sha256(digits: string): string {
  return createHash('sha256').update(Buffer.from(digits, 'hex')).digest('hex');
}

/** The node's trusted host list. */
export const trustedHosts: Fact<readonly TrustedHost[]> = {
  command: nodeRead('/usr/sbin/rsct/bin/ctsthl', ['-l'], 'RSCT 3.2, ctsthl', {
    alternatives: ['/opt/rsct/bin/ctsthl'],
    needsRoot: true,
    maxBytes: 1024 * 1024,
  }),
  reader: ctsthlReader,
};
