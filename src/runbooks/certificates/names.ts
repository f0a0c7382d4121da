import type { Certificate } from '../../core/certificate.js';

/** Longer names are somebody's joke, or somebody's attack. */
const mostCharacters = 80;

/**
 * The common name of a distinguished name as OpenSSL prints it by RFC 2253 (`CN=web,O=Example\, Inc`) or line by line; the
 * whole name where it has none. Clipped; control characters are blanks.
 */
export function commonName(name: string): string {
  const found = /(?:^|[,+\n]\s*)CN ?= ?(?<value>(?:\\.|[^,+\\\n])*)/.exec(name)?.groups?.value;
  const value = found === undefined || found === '' ? name : found.replace(/\\([,+"\\<>;=# ])/g, '$1');
  const plain = value.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  if (plain === '') return '(no name)';
  return plain.length <= mostCharacters ? plain : `${plain.slice(0, mostCharacters)}…`;
}

/** The last four digits of the serial number: enough to tell two apart, and all that is shown of it. */
export function lastFour({ serial }: Pick<Certificate, 'serial'>): string {
  return `…${serial.slice(-4)}`;
}

/** A date as people read it: `2027-03-10 12:00:00 UTC`. */
export function utc(iso: string): string {
  return `${iso.replace(/\.\d+Z$|Z$/, '').replace('T', ' ')} UTC`;
}
