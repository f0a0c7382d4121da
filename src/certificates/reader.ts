/**
 * PEM text, as in a certificate file or a bundle: every certificate of it.
 *
 *     # Example Root CA
 *     -----BEGIN CERTIFICATE-----
 *     MIIBszCCAVmgAwIBAgIUQ0…
 *     -----END CERTIFICATE-----
 *
 * Comment lines between blocks are allowed (RFC 7468, 5.2), and whole blocks of other kinds, as keys, are passed over
 * without being kept. Text that holds no certificate is no answer. Where a private key stands anywhere in the text, an
 * error names the line by its number only.
 */
import type { Certificate } from '../core/certificate.js';
import { ParseError } from '../core/errors.js';
import type { Answer, Reader } from '../core/fact.js';
import { pemParts, type PemPart } from './pem.js';
import { readBlock } from './x509.js';

const command = 'certificates';
/** A piece of a block that lost its markers, or a marker that is damaged. */
const pieceOfBlock =
  /^\s*[A-Za-z0-9+/]{44,}={0,2}\s*$|-{2,}\s*(?:BEGIN|END) |(?:BEGIN|END) [A-Z0-9 ]{1,64}-{2,}\s*$/;
/** Certificates in a form that is not taken apart here: leaving them out in silence would lose them. */
const containers = ['PKCS7', 'PKCS #7 SIGNED DATA', 'CMS'];

/** Reads every certificate of a PEM text with Node's own OpenSSL alone. */
export const certificatesReader: Reader<readonly Certificate[]> = {
  id: command,
  programs: ['cat', 'sed', 'openssl', 'openssl64', 'more', 'head', 'tail'],
  read,
};

function read(text: string): Answer<readonly Certificate[]> {
  const fail = failing(text);
  const certificates = pemParts(text).flatMap((part) => readPart(part, fail));
  if (certificates.length === 0) throw fail('there is no certificate in it', lastLine(text));
  return { kind: 'facts', facts: certificates };
}

type Fail = (problem: string, line: number) => ParseError;

function readPart(part: PemPart, fail: Fail): readonly Certificate[] {
  switch (part.kind) {
    case 'broken':
      throw fail(`the block ${part.problem}`, part.line);
    case 'text':
      if (pieceOfBlock.test(part.text)) throw fail('this is a piece of a block', part.line);
      return [];
    case 'other':
      if (containers.includes(part.label))
        throw fail(`a ${part.label} block is not read; print it with openssl pkcs7 -print_certs`, part.line);
      return [];
    case 'certificate': {
      const reading = readBlock(part);
      if (reading.certificate === null) throw fail(reading.problem, part.line);
      if (reading.surplus > 0)
        throw fail(`${reading.surplus} bytes follow the certificate in its block`, part.line);
      return [reading.certificate];
    }
  }
}

/** Errors of this text: with their line, but for a text in which any line may be a key's. */
function failing(text: string): Fail {
  const lines = text.split('\n');
  const holdsKey = /PRIVATE\s+KEY/i.test(text);
  return (problem, number) => {
    const line = (lines[number - 1] ?? '').replace(/\r+$/, '');
    const isMarker = /^\s*-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----\s*$/.test(line);
    const shown = holdsKey && !isMarker ? '' : line;
    return new ParseError(
      command,
      shown === line ? problem : `${problem}; the line is not shown, as a private key is in this text`,
      shown,
      number,
    );
  };
}

function lastLine(text: string): number {
  const lines = text.trimEnd().split('\n');
  return lines.length;
}
