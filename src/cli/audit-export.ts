import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { inAscii, lineOf, type AuditRecord } from '../audit/chain.js';
import { csvHeader, csvRow, type ExportHeader } from '../audit/document.js';
import { pseudonymised } from '../audit/pseudonyms.js';
import { indexedUnder } from '../audit/scripts.js';
import type { Trail } from '../audit/trail.js';
import { recordIn } from '../audit/verify.js';
import { UsageError } from '../core/errors.js';
import { checkpointsOf, linesOf, withTrail } from './audit-source.js';
import type { ExportCall } from './audit.js';

/** Writes what was chosen to stdout. */
export async function exportTrail(call: ExportCall): Promise<void> {
  const header: ExportHeader = {
    kind: 'export',
    at: new Date().toISOString(),
    from: moment(call.from, '--from'),
    to: moment(call.to, '--to'),
    object: call.object ?? null,
    pseudonymised: call.pseudonymise ?? false,
  };
  await withTrail(call.config, async (trail) => {
    const text = call.format === 'csv' ? csvOf(trail, header) : jsonlOf(trail, header);
    for await (const piece of text) if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  });
}

async function* jsonlOf(trail: Trail, header: ExportHeader): AsyncGenerator<string> {
  for (const value of [header, ...(await checkpointsOf(trail))]) yield `${inAscii(JSON.stringify(value))}\n`;
  for await (const { line } of chosen(trail, header)) yield `${inAscii(line.replaceAll('\n', ' '))}\n`;
}

async function* csvOf(trail: Trail, header: ExportHeader): AsyncGenerator<string> {
  yield csvHeader;
  for await (const { record } of chosen(trail, header)) if (record !== null) yield csvRow(record);
}

interface Chosen {
  readonly line: string;
  /** Null for a line that is no record. */
  readonly record: AuditRecord | null;
}

/** What was asked for. Lines are handed on as they lie there: an export must not mend what somebody has tampered with. */
async function* chosen(trail: Trail, header: ExportHeader): AsyncGenerator<Chosen> {
  const secret = randomBytes(32);
  const { from, to, object } = header;
  const isAll = from === null && to === null && object === null;
  for await (const line of linesOf(trail)) {
    const record = recordIn(line);
    if (record === null) {
      if (isAll && !header.pseudonymised) yield { line, record };
      continue;
    }
    if ((from !== null && record.at < from) || (to !== null && record.at >= to)) continue;
    if (object !== null && !indexedUnder(record).includes(object)) continue;
    if (!header.pseudonymised) yield { line, record };
    else {
      const changed = pseudonymised(record, secret);
      yield { line: lineOf(changed), record: changed };
    }
  }
}

/** A time as ISO 8601 UTC; a day alone is its first moment in UTC. */
function moment(text: string | undefined, option: string): string | null {
  if (text === undefined) return null;
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(
      `${option} ${JSON.stringify(text)} is no time. Write 2026-07-01, which is in UTC, or 2026-07-01T08:00+02:00.`,
    );
  return new Date(ms).toISOString();
}
