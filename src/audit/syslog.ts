/** One audit record as one syslog message, and messages as each transport frames them. Pure. */
import type { AuditRecord } from './chain.js';
import { inAscii, lineOf } from './chain.js';

/** RFC 5424 §6.2.1: facility 13 is "log audit", severity 6 informational and 4 warning. */
const facility = 13;
const informational = 6;
const warning = 4;

/**
 * A record as RFC 5424 has it: `<110>1 TIME HOST aixops - CODE - {…}`. The message is the record's own line in ASCII (what is
 * not ASCII as JSON's `\u` escapes), so it needs no BOM (§6.4) and still verifies.
 */
export function syslogMessage(record: AuditRecord): string {
  const severity = /refused|held|trimmed|broken/.test(record.code) ? warning : informational;
  const host = header(record.writer?.split('/')[1] ?? '', 255);
  const code = header(record.code, 32);
  return `<${facility * 8 + severity}>1 ${header(record.at, 32)} ${host} aixops - ${code} - ${inAscii(lineOf(record))}`;
}

/** RFC 6587 §3.4.1 and RFC 5425 §4.3: octet counting, for TCP and TLS alike. */
export function octetCounted(messages: readonly string[]): Buffer {
  return Buffer.concat(
    messages.map((message) => {
      const octets = Buffer.from(message, 'utf8');
      return Buffer.concat([Buffer.from(`${octets.length} `), octets]);
    }),
  );
}

/** RFC 5424 §6: a header field is printable ASCII without spaces, and `-` where there is nothing. */
function header(text: string, most: number): string {
  return text.replace(/[^\u0021-\u007e]/g, '').slice(0, most) || '-';
}
