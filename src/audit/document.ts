/** What stands in front of exported records, and how records look in CSV. Pure. */
import type { AuditRecord } from './chain.js';
import { canonicalJson } from '../core/canonical.js';

/** The first line of an export as JSONL: what was chosen. Times are ISO 8601 UTC. */
export interface ExportHeader {
  readonly kind: 'export';
  readonly at: string;
  /** Records of this moment and later; null from the oldest. */
  readonly from: string | null;
  /** Records of before this moment; null to the newest. */
  readonly to: string | null;
  readonly object: string | null;
  readonly pseudonymised: boolean;
}

/** The value as a header; null where it is something else. */
export function asHeader(value: unknown): ExportHeader | null {
  const { kind, at, from, to, object, pseudonymised } = (value ?? {}) as Record<string, unknown>;
  const isOne =
    kind === 'export' &&
    typeof at === 'string' &&
    [from, to, object].every((text) => text === null || typeof text === 'string') &&
    typeof pseudonymised === 'boolean';
  return isOne ? ({ kind, at, from, to, object, pseudonymised } as ExportHeader) : null;
}

const columns = [
  'sequence',
  'at',
  'code',
  'actor',
  'object',
  'detail',
  'policy',
  'writer',
  'previous',
  'hash',
] as const;

/** The first row of a CSV file. */
export const csvHeader = `${columns.join(',')}\r\n`;

/** One record as a row of RFC 4180, with its detail as JSON. */
export function csvRow(record: AuditRecord): string {
  const cells = columns.map((column) => {
    const value = record[column];
    return cell(typeof value === 'object' ? canonicalJson(value) : String(value ?? ''));
  });
  return `${cells.join(',')}\r\n`;
}

/**
 * A spreadsheet takes a cell that begins with one of these for a formula and runs it; an apostrophe makes it text again
 * (OWASP, "CSV Injection"). Control characters are shown as what they are, so that no cell hides a line.
 */
function cell(text: string): string {
  const plain = text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    },
  );
  const safe = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
