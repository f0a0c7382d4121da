/**
 * `gsk8capicmd_64 -cert -details -db FILE -stashed -label LABEL`: what one certificate of a GSKit key database says.
 *
 *     Label : web server
 *     Key Size : 2048
 *     Version : X509 V3
 *     Serial : 2fcba82cc3aa23b1
 *     Issuer : "CN=Example CA,O=Example,C=DE"
 *     Subject : CN=web.example.com
 *     Not Before : November 15, 2025 11:16:40 AM GMT+01:00
 *     Not After : November 14, 2035 11:16:40 AM GMT+01:00
 *     Public Key
 *         30 82 01 22 …
 *     Public Key Type : RSA (1.2.840.113549.1.1.1)
 *     Fingerprint : SHA256 :
 *         66 94 F1 DF …
 *     Extensions
 *         …
 *     Signature Algorithm : SHA256WithRSASignature (1.2.840.113549.1.1.11)
 *     Value
 *         A5 09 B7 1C …
 *     Trust Status : Enabled
 *
 * Dates are in the host's zone and in the form of its locale: also `26 July 2025 16:29:37 GMT+01:00` and
 * `2025 6 26 10:52:34 GMT+00:00`. A version that prints no SHA-256 fingerprint is not understood: the fingerprint is what
 * a certificate is known by. Within `Extensions` every line is taken as it is. Printing nothing is no answer.
 * Source: IBM GSKCapiCmd User's Guide, GSKit 8; forms as in public captures of GSKit in Db2, MQ and Storage Protect.
 */
import type { Certificate } from '../core/certificate.js';
import type { ParseError } from '../core/errors.js';
import type { Answer, Reader } from '../core/fact.js';
import { printable } from '../core/printable.js';
import { gskitDate } from './layouts/gskit-date.js';
import { gskitFailure } from './layouts/gskit-failure.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed } from './layouts/messages.js';

const command = 'gskcapicmd-details';
const hexBytes = /^(?:[0-9A-F]{2} )*[0-9A-F]{2}$/i;

/** Reads the details of one certificate. */
export const gskcapicmdDetailsReader: Reader<Certificate> = {
  id: command,
  programs: ['gsk8capicmd_64', 'gsk8capicmd', 'gskcapicmd', 'gskcapicmd_64', 'runmqakm'],
  read,
};

function read(text: string): Answer<Certificate> {
  const lines = linesOf(text);
  const refused = gskitFailure(command, lines, (line) => /^(?:Label|Serial|Not After) ?:/.test(line));
  if (refused !== null) return failed(refused);
  const from = new Cursor(lines);
  for (const name of ['Label', 'Key Size', 'Version']) from.field(name);
  const serial = serialOf(from.field('Serial'));
  const [issuer, subject] = [nameOf(from.field('Issuer')), nameOf(from.field('Subject'))];
  const [notBefore, notAfter] = [dateOf(from.field('Not Before')), dateOf(from.field('Not After'))];
  const fingerprint256 = fingerprintIn(from);
  readRest(from);
  return answer({ subject, issuer, serial, notBefore, notAfter, fingerprint256 });
}

/** One field's value, and the line it stands on. */
interface Field {
  readonly text: string;
  readonly line: Line;
}

function serialOf({ text, line }: Field): string {
  if (!/^[0-9a-f]{1,200}$/i.test(text))
    throw notUnderstood(command, 'the serial number is not hexadecimal', line);
  // The byte in front that keeps a number positive is not part of it.
  return text.toUpperCase().replace(/^(?:00)+(?=..)/, '');
}

/** GSKit quotes a name in some versions; its order is that of RFC 2253 already. */
function nameOf({ text }: Field): string {
  return printable(/^"(?<name>.*)"$/.exec(text)?.groups?.['name'] ?? text);
}

function dateOf({ text, line }: Field): string {
  const date = gskitDate(text);
  if (date === null) throw notUnderstood(command, 'the date, or its zone, is in no known form', line);
  return date;
}

/** The public key, and the fingerprints of the certificate by their algorithms. */
function fingerprintIn(from: Cursor): string {
  from.title('Public Key');
  from.bytes(hexBytes);
  from.field('Public Key Type');
  const prints = new Map<string, readonly Line[]>();
  for (let name = from.fingerprint(); name !== null; name = from.fingerprint()) {
    prints.set(name, from.bytes(name === 'HPKP' ? /^[A-Za-z0-9+/]{43}=$/ : hexBytes));
  }
  const [first, ...rest] = prints.get('SHA256') ?? [];
  if (first === undefined) throw from.missing('a SHA-256 fingerprint');
  const pairs = [first, ...rest].flatMap(({ text }) => text.split(' '));
  if (pairs.length !== 32) throw notUnderstood(command, 'a SHA-256 fingerprint has 32 bytes', first);
  return pairs.join(':').toUpperCase();
}

function readRest(from: Cursor): void {
  from.skipExtensions();
  from.field('Signature Algorithm');
  from.title('Value');
  from.bytes(hexBytes);
  const trust = from.field('Trust Status');
  if (trust.text !== 'Enabled' && trust.text !== 'Disabled')
    throw notUnderstood(command, 'the trust status is neither Enabled nor Disabled', trust.line);
  from.end();
}

/** Goes through the lines in the one order in which GSKit prints them. */
class Cursor {
  private at = 0;

  constructor(private readonly lines: readonly Line[]) {}

  field(name: string): Field {
    const line = this.next(`"${name}" is missing`);
    const text = valueOf(line.text, name);
    if (text === null) throw notUnderstood(command, `"${name}" should stand here`, line);
    return { text, line };
  }

  title(name: string): void {
    const line = this.next(`"${name}" is missing`);
    if (line.text !== name) throw notUnderstood(command, `"${name}" should stand here`, line);
  }

  /** At least one line of bytes. */
  bytes(form: RegExp): readonly Line[] {
    const first = this.next('bytes are missing');
    if (!form.test(first.text)) throw notUnderstood(command, 'bytes should stand here', first);
    const found = [first];
    for (
      let line = this.lines[this.at];
      line !== undefined && form.test(line.text);
      line = this.lines[this.at]
    ) {
      found.push(line);
      this.at += 1;
    }
    return found;
  }

  /** The algorithm of the fingerprint that comes next, or null. */
  fingerprint(): string | null {
    const name = /^Fingerprint : (?<name>\w+) :$/.exec(this.lines[this.at]?.text ?? '')?.groups?.['name'];
    if (name === undefined) return null;
    this.at += 1;
    return name;
  }

  /** Their form is that of each extension, and none of it is needed. */
  skipExtensions(): void {
    if (this.lines[this.at]?.text !== 'Extensions') return;
    const rest = this.lines.slice(this.at);
    const length = rest.findIndex(({ text }) => valueOf(text, 'Signature Algorithm') !== null);
    if (length === -1) throw endsEarly(command, 'it ends within the extensions', this.lines);
    this.at += length;
  }

  end(): void {
    const line = this.lines[this.at];
    if (line !== undefined) throw notUnderstood(command, 'nothing should follow the trust status', line);
  }

  /** The error for what should stand here. */
  missing(what: string): ParseError {
    const line = this.lines[this.at];
    if (line === undefined) return endsEarly(command, `${what} is missing`, this.lines);
    return notUnderstood(command, `${what} should stand here`, line);
  }

  private next(missing: string): Line {
    const line = this.lines[this.at];
    if (line === undefined) throw endsEarly(command, missing, this.lines);
    this.at += 1;
    return line;
  }
}

function valueOf(text: string, name: string): string | null {
  const colon = text.indexOf(':');
  if (colon === -1 || text.slice(0, colon).trim() !== name) return null;
  const value = text.slice(colon + 1).trim();
  return value === '' ? null : value;
}
