import { X509Certificate } from 'node:crypto';
import type { Certificate, StoredCertificate } from '../core/certificate.js';
import { printable } from '../core/printable.js';
import { isoDate } from './dates.js';
import { canonicalPem, type CertificateBlock } from './pem.js';

/** What Node's OpenSSL, the authority here, reads from one block. */
export type X509Reading =
  | {
      readonly certificate: Certificate;
      readonly kind: StoredCertificate['kind'];
      /** The certificate alone, in the one form that every reader of PEM takes. */
      readonly pem: string;
      /** Bytes behind the certificate that do not belong to it. */
      readonly surplus: number;
    }
  | { readonly certificate: null; readonly kind: StoredCertificate['kind']; readonly problem: string };

/** Reads the certificate in a block; a block that is broken, or no certificate, gives the problem in words. */
export function readBlock(block: CertificateBlock): X509Reading {
  if ('problem' in block.content)
    return { certificate: null, kind: 'leaf', problem: `the block ${block.content.problem}` };
  const { der } = block.content;
  const own = der.subarray(0, outerLength(der) ?? der.length);
  const x509 = parse(own);
  if (x509 === null)
    return {
      certificate: null,
      kind: 'leaf',
      problem: 'the block holds no X.509 certificate that OpenSSL can read',
    };
  const [notBefore, notAfter] = [isoDate(x509.validFrom), isoDate(x509.validTo)];
  const kind = kindOf(x509);
  if (notBefore === null || notAfter === null) {
    const [name, date] = notBefore === null ? ['notBefore', x509.validFrom] : ['notAfter', x509.validTo];
    return {
      certificate: null,
      kind,
      problem: `${name} is not a date: OpenSSL prints "${date.slice(0, 60)}"`,
    };
  }
  const certificate: Certificate = {
    subject: distinguishedName(() => x509.subject),
    issuer: distinguishedName(() => x509.issuer),
    serial: x509.serialNumber === '0' ? '00' : x509.serialNumber.toUpperCase(),
    notBefore,
    notAfter,
    fingerprint256: x509.fingerprint256,
  };
  const surplus = block.trusted ? 0 : der.length - own.length;
  return { certificate, kind, pem: canonicalPem(x509.raw), surplus };
}

// Never the bytes themselves: Node looks for PEM text first, and would find what a name inside the certificate holds.
function parse(der: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(canonicalPem(der));
  } catch {
    return null;
  }
}

/** How long the outermost SEQUENCE is with its head; null for a form without a length, or none. Source: X.690, 8.1. */
function outerLength(der: Buffer): number | null {
  const [tag, first] = der;
  if (tag !== 0x30 || first === undefined || first === 0x80) return null;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  if (size > 4 || der.length < 2 + size) return null;
  return 2 + size + der.readUIntBE(2, size);
}

/**
 * A CA's, one that vouches for itself, or any other. Programs that make a self-signed certificate for a server call it
 * a CA by default (`openssl req -x509`); the names of servers in it (subjectAltName) tell it from a root.
 */
function kindOf(x509: X509Certificate): StoredCertificate['kind'] {
  const ownIssuer = x509.checkIssued(x509);
  if (ownIssuer && (!x509.ca || x509.subjectAltName !== undefined)) return 'self-signed';
  return x509.ca ? 'ca' : 'leaf';
}

/**
 * Node prints one line for each RDN in the certificate's order, escaped as in RFC 2253, control characters of ASCII
 * included. RFC 2253 has the last first. Some versions throw on an empty name, others give undefined.
 */
function distinguishedName(printed: () => string | undefined): string {
  const rdns = attempt(printed)?.split('\n') ?? [];
  const ordered = rdns.map((rdn) => rdn.split(' + ').reverse().join('+')).reverse();
  return printable(ordered.join(','));
}

function attempt(printed: () => string | undefined): string | undefined {
  try {
    return printed();
  } catch {
    return undefined;
  }
}
