import type { ErrorInfo } from './errors.js';
import type { Evidence } from './fact.js';

/** What one X.509 certificate says. Dates are ISO 8601 UTC, to the second; names are in RFC 2253 order as OpenSSL prints them. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal, upper case, as the certificate has it. */
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** SHA-256 over the DER: 64 upper-case hex digits in pairs between colons. */
  readonly fingerprint256: string;
}

/** A certificate in its store. */
export interface StoredCertificate {
  /** Its place in the store: a kdb label or PKCS#12 friendly name, else its number from 1. */
  readonly label: string;
  readonly kind: 'leaf' | 'ca' | 'self-signed';
  /** null where it could not be read; `problem` then says why. */
  readonly certificate: Certificate | null;
  /** Why it could not be read, or what two readers disagree on; null for nothing. */
  readonly problem: string | null;
}

/**
 * What came of reading one store. `missing`: a declared path is not there. `refused`: a directory, a device, a FIFO, or
 * too large. `unreadable`: it is there and could not be read.
 */
export interface StoreReading {
  /** Absolute path on the node, or `tls://host:port` for what a port serves. */
  readonly path: string;
  readonly format: 'pem' | 'der' | 'pkcs12' | 'kdb' | 'tls' | 'unknown';
  readonly status: 'read' | 'missing' | 'refused' | 'unreadable';
  /** In words, for every status but `read`. */
  readonly reason: string | null;
  readonly certificates: readonly StoredCertificate[];
  readonly owner: string | null;
  readonly evidence: Evidence;
}

/** Everything read about the certificates of one node. */
export interface NodeCertificates {
  /** Inventory name of the node, and of its cluster. */
  readonly target: string;
  readonly cluster: string | null;
  /** Why the node was not read; null where it was. Then `stores` is empty. */
  readonly error: ErrorInfo | null;
  /** The node's clock minus ours in milliseconds; null where it was not read. */
  readonly clockSkewMs: number | null;
  readonly stores: readonly StoreReading[];
  /** ISO 8601 UTC, and milliseconds. */
  readonly startedAt: string;
  readonly durationMs: number;
}

/** Makes sense of certificate text; the edge that does so is handed in. Never throws over what stands in the text. */
export interface CertificateParser {
  /** Every CERTIFICATE block of a PEM text in order, whatever else stands there; one that cannot be read is a value with `problem`. */
  readPem(text: string): Promise<readonly StoredCertificate[]>;
  /** Ends its thread. */
  close(): Promise<void>;
}
