/**
 * `errpt -a`: entries of the error log, the newest first.
 *
 *     ---------------------------------------------------------------------------
 *     LABEL:          RMCD_INFO_0_ST
 *     IDENTIFIER:     A6DF45AA
 *
 *     Date/Time:       Tue Nov  3 11:07:15 CET 2026
 *     Sequence Number: 21256
 *     Machine Id:      00C8E1F04C00
 *     Node Id:         lpar1
 *     Class:           O
 *     Type:            INFO
 *     WPAR:            Global
 *     Resource Name:   RMCdaemon
 *
 *     Description
 *     The daemon is started.
 *
 *     Probable Causes
 *     The Resource Monitoring and Control daemon has been started.
 *
 *     Detail Data
 *     DETECTING MODULE
 *     RSCT,rmcd.c,1.75,225
 *
 * Printing nothing means that no entry fits what was asked. The head of an entry is read to the letter. What stands below
 * its titles is the text of whoever wrote the entry, and of each error another: it is kept as printed, and a foreign
 * line in it cannot be told. So an entry that was cut off there lacks what was asked of it, and whoever needs that must
 * say so. The summary (`errpt` without -a) is another command's output here.
 * Source: AIX 7.3 commands, errpt and errupdate (titles, classes, types); entries as in public captures.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { clockFace } from './date.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

const types = ['INFO', 'PEND', 'PERF', 'PERM', 'TEMP', 'UNKN'] as const;
const classes = ['H', 'S', 'O', 'U'] as const;

export interface ErrorEntry {
  readonly label: string;
  /** Eight hexadecimal digits, the same for one label everywhere. */
  readonly identifier: string;
  /** Milliseconds since 1970 as if the node's clock face were UTC, and its zone as printed. */
  readonly faceMs: number;
  readonly zone: string;
  readonly sequence: number;
  /** Hardware, software, operator, undetermined. */
  readonly errorClass: (typeof classes)[number];
  readonly type: (typeof types)[number];
  readonly resource: string;
  readonly description: string;
  /** The lines below `Detail Data`, as printed; none where there is no such title. */
  readonly detail: readonly string[];
}

const command = 'errpt';
const rule = /^-{10,}$/;
const head =
  /^(?<key>LABEL|IDENTIFIER|Date\/Time|Sequence Number|Machine Id|Node Id|Class|Type|WPAR|Resource Name|Resource Class|Resource Type|Location):(?:\s+(?<value>.*))?$/;
const titles: readonly string[] = [
  'Description',
  'Probable Causes',
  'User Causes',
  'Install Causes',
  'Failure Causes',
  'Recommended Actions',
  'Detail Data',
  'Duplicates',
  'Diagnostic Analysis',
];

/** Reads the detailed report. */
export const errptReader: Reader<readonly ErrorEntry[]> = { id: 'errpt', programs: ['errpt'], read };

function read(text: string): Answer<readonly ErrorEntry[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => rule.test(line) || line.startsWith('LABEL:'));
  if (failure !== null) return failed(failure);
  return answer(entriesIn(lines).map(readEntry));
}

/** The lines of each entry. A rule stands before an entry, or at the very end. */
function entriesIn(lines: readonly Line[]): readonly (readonly Line[])[] {
  const entries: Line[][] = [];
  for (const [at, line] of lines.entries()) {
    const next = lines[at + 1];
    if (rule.test(line.text)) {
      if (next !== undefined && !next.text.startsWith('LABEL:'))
        throw notUnderstood(command, 'an entry begins with LABEL', next);
    } else if (line.text.startsWith('LABEL:')) entries.push([line]);
    else if (entries.length === 0) throw notUnderstood(command, 'not an entry of errpt -a', line);
    else entries.at(-1)?.push(line);
  }
  return entries;
}

function readEntry(lines: readonly Line[]): ErrorEntry {
  const end = lines.findIndex(({ text }) => text === 'Description');
  if (end === -1) throw endsEarly(command, 'an entry without its description', lines);
  const fields = headOf(lines.slice(0, end));
  const sections = sectionsOf(lines.slice(end));
  const description = (sections.get('Description') ?? []).join(' ');
  if (description === '') throw endsEarly(command, 'an entry without its description', lines);
  const wanted = (key: string, form: RegExp): string => {
    const line = fields.get(key);
    if (line === undefined) throw endsEarly(command, `an entry without ${key}`, lines.slice(0, end));
    if (!form.test(line.value)) throw notUnderstood(command, `not a value of ${key}`, line.line);
    return line.value;
  };
  const date = wanted('Date/Time', /./);
  const face = clockFace(date);
  if (face === null) throw notUnderstood(command, 'no such day or time', fields.get('Date/Time')!.line); // read above
  return {
    label: wanted('LABEL', /^\w+$/),
    identifier: wanted('IDENTIFIER', /^[0-9A-F]{8}$/),
    ...face,
    sequence: Number(wanted('Sequence Number', /^\d{1,15}$/)),
    errorClass: wanted('Class', oneOf(classes)) as ErrorEntry['errorClass'],
    type: wanted('Type', oneOf(types)) as ErrorEntry['type'],
    resource: wanted('Resource Name', /^\S+$/),
    description,
    detail: sections.get('Detail Data') ?? [],
  };
}

function oneOf(words: readonly string[]): RegExp {
  return new RegExp(`^(?:${words.join('|')})$`);
}

interface Field {
  readonly value: string;
  readonly line: Line;
}

/** A device's vital product data has lines of its own, and comes last. */
function headOf(lines: readonly Line[]): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const line of lines) {
    if (/^VPD:/.test(line.text)) break;
    const { key, value = '' } = head.exec(line.text)?.groups ?? {};
    if (key === undefined) throw notUnderstood(command, 'not a line of the head of an entry', line);
    if (fields.has(key)) throw notUnderstood(command, `a second ${key} in one entry`, line);
    fields.set(key, { value, line });
  }
  return fields;
}

/** Causes and actions may come several times; all lines of one title are kept together. */
function sectionsOf(lines: readonly Line[]): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const { text } of lines) {
    if (titles.includes(text)) {
      current = sections.get(text) ?? [];
      sections.set(text, current);
    } else current.push(text);
  }
  return sections;
}

/**
 * The line below this title in the detail data, such as the subsystem below `FAILING MODULE`; null where the entry has no
 * such title or ends there.
 */
export function detailOf({ detail }: ErrorEntry, title: string): string | null {
  const at = detail.indexOf(title);
  return at === -1 ? null : (detail[at + 1] ?? null);
}

/**
 * Entries since a time on the node's own clock, of the resources that tell of RMC. `faceMs` as in `ClockFace`. Any user may
 * ask. By resource names, not by labels: a label that a level does not know ends errpt with an error.
 */
export function errorsSince(faceMs: number, resources: readonly string[]): Fact<readonly ErrorEntry[]> {
  return {
    command: nodeRead(
      '/usr/bin/errpt',
      ['-a', '-s', startOf(faceMs), '-N', resources.join(',')],
      'AIX 7.3 commands, errpt',
      { maxBytes: 1024 * 1024 },
    ),
    reader: errptReader,
  };
}

/** `mmddhhmmyy`, as errpt wants it. */
function startOf(faceMs: number): string {
  const [, year, month, day, hour, minute] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(new Date(faceMs).toISOString()) ?? [];
  return [month, day, hour, minute, year].join('');
}
