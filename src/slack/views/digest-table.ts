import type { KnownBlock } from '@slack/types';
import { daysUntil } from '../../digest/calendar.js';
import type { CertificateLine, Edition } from '../../digest/edition.js';
import { redact } from '../../core/redact.js';
import { certificatesOf, type EditionMarks } from '../../digest/marked.js';
import { context } from './dress.js';
import { dataTable } from './rich.js';
import { count, oneLine, plain, plural } from './text.js';

/**
 * The certificates of an edition in the rich dress: a table that is sorted and paged, worst first. Days are whole ones
 * and below zero where it has ended. None where the edition lists no certificate.
 */
export function digestTable(edition: Edition, marks: EditionMarks): readonly KnownBlock[] {
  const lines = certificatesOf(edition);
  if (lines.length === 0) return [];
  const atMs = Date.parse(edition.at);
  const rows = lines.map((line) => [
    targetCell(line),
    own(line.name, 60),
    daysUntil(line.notAfter, atMs),
    line.notAfter.slice(0, 10),
    own(marks.get(line.id)?.owner ?? line.owner ?? 'no owner', 60),
  ]);
  const caption = `${plural(lines.length, 'certificate')} in the digest of ${edition.date}, worst first`;
  const header = ['Target', 'Certificate', 'Days left', 'Expires (UTC)', 'Owner'];
  const { block, leftOut } = dataTable(caption, header, rows);
  const more = leftOut === 0 ? [] : [context(`… and ${count(leftOut)} more in the thread.`)];
  return [block, ...more];
}

function targetCell({ places }: CertificateLine): string {
  const [first = '', ...more] = [...new Set(places.map(({ target }) => target))];
  const name = own(first, 40);
  return more.length === 0 ? name : `${name} and ${count(more.length)} more`;
}

/** A cell is raw text; all the same nothing in it looks like markup, for no client must ever read it as such. */
function own(text: string, most: number): string {
  return plain(redact(oneLine(text)), most);
}
