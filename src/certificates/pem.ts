/**
 * PEM text: blocks between two markers, and whatever else stands around them.
 *
 *     # Example Root CA
 *     -----BEGIN CERTIFICATE-----
 *     MIIBszCCAVmgAwIBAgIUQ0…
 *     -----END CERTIFICATE-----
 *
 * Text outside blocks is explanatory (section 5.2 of the source). Only what lies inside a certificate's block is kept:
 * the lines of any other block, of a private key above all, are passed over as they are read. A text without markers
 * holds no certificate. Source: RFC 7468, sections 2, 3, 5.
 */

/** One certificate's block: its bytes, or why there are none. `problem` never quotes what stands in the block. */
export interface CertificateBlock {
  readonly kind: 'certificate';
  /** Where it begins; counts from 1. */
  readonly line: number;
  /** With OpenSSL's trust settings behind the certificate. */
  readonly trusted: boolean;
  readonly content: { readonly der: Buffer } | { readonly problem: string };
}

/** What else there is: a whole block of another kind, a broken one, an END without its BEGIN, a line of text. */
export type PemPart =
  | CertificateBlock
  | { readonly kind: 'other'; readonly line: number; readonly label: string }
  | { readonly kind: 'broken'; readonly line: number; readonly problem: string }
  | { readonly kind: 'text'; readonly line: number; readonly text: string };

const marker = /^-----(?<edge>BEGIN|END) (?<label>[ -,.-~]{1,64})-----$/;
const labels = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

interface Open {
  readonly label: string;
  readonly line: number;
  /** Only of certificates. */
  readonly body: string[];
}

/** Takes a text apart, in order; nothing of it is left out but blank lines and the insides of other blocks. */
export function pemParts(text: string): readonly PemPart[] {
  const parts: PemPart[] = [];
  let open: Open | null = null;
  for (const { raw, line } of linesIn(text)) {
    const groups = marker.exec(raw.trim())?.groups;
    const label = groups?.['label'];
    if (label === undefined) {
      if (open === null) parts.push(...textPart(raw, line));
      else if (labels.includes(open.label)) open.body.push(raw);
    } else if (groups?.['edge'] === 'BEGIN') {
      if (open !== null) parts.push(broken(open, `is cut off: line ${line} begins another`));
      open = { label, line, body: [] };
    } else {
      parts.push(ended(open, label, line));
      open = null;
    }
  }
  if (open !== null) parts.push(broken(open, 'is cut off: its END line is missing'));
  return parts;
}

/** Bytes as the one PEM text that says the same. */
export function canonicalPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

// A byte order mark needs no care of its own: trim() takes it away wherever a line begins with it.
function linesIn(text: string): readonly { readonly raw: string; readonly line: number }[] {
  const lines = text.includes('\n') ? text.split('\n') : text.split('\r');
  return lines.flatMap((whole, at) => unglued(whole).map((raw) => ({ raw, line: at + 1 })));
}

// Files that were put together without a line end between them have an END and a BEGIN on one line, with whatever
// stood there instead of the line end between the two.
function unglued(whole: string): string[] {
  const pieces: string[] = [];
  let rest = whole;
  for (;;) {
    const end = /^\s*-----END [ -,.-~]{1,64}-----/.exec(rest)?.[0];
    const begin = end === undefined ? -1 : rest.indexOf('-----BEGIN ', end.length);
    if (end === undefined || begin === -1) return [...pieces, rest];
    pieces.push(end, rest.slice(end.length, begin));
    rest = rest.slice(begin);
  }
}

function textPart(raw: string, line: number): PemPart[] {
  return raw.trim() === '' ? [] : [{ kind: 'text', line, text: raw.replace(/\r+$/, '') }];
}

function ended(open: Open | null, label: string, line: number): PemPart {
  if (open === null) {
    const problem = 'ends here without a beginning: its BEGIN line is missing';
    return labels.includes(label)
      ? { kind: 'certificate', line, trusted: false, content: { problem } }
      : { kind: 'broken', line, problem };
  }
  if (open.label !== label) {
    // Either end says that a certificate was meant.
    const begun = labels.includes(open.label) ? open : { ...open, label };
    return broken(begun, `is broken: line ${line} ends a block of another kind`);
  }
  if (!labels.includes(label)) return { kind: 'other', line: open.line, label };
  return { ...certificate(open), content: decoded(open) };
}

function broken(open: Open, problem: string): PemPart {
  if (labels.includes(open.label)) return { ...certificate(open), content: { problem } };
  return { kind: 'broken', line: open.line, problem };
}

function certificate(open: Open): { kind: 'certificate'; line: number; trusted: boolean } {
  return { kind: 'certificate', line: open.line, trusted: open.label === 'TRUSTED CERTIFICATE' };
}

function decoded(open: Open): CertificateBlock['content'] {
  const wrong = open.body.findIndex((raw) => !/^[\sA-Za-z0-9+/=]*$/.test(raw));
  if (wrong !== -1) return { problem: `is broken: line ${open.line + 1 + wrong} is not base64` };
  const base64 = open.body.join('').replace(/\s+/g, '');
  if (base64 === '') return { problem: 'is empty' };
  if (base64.length % 4 !== 0 || !/^[^=]*={0,2}$/.test(base64))
    return { problem: 'is broken: its base64 is not whole' };
  return { der: Buffer.from(base64, 'base64') };
}
