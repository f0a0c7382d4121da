/**
 * The three layouts in which an HMC command lists things, each record on one line:
 *
 *     name=erp1,lpar_id=3,state=Running,"desc=one, two"       attribute=value pairs (no -F)
 *
 *     name,lpar_id,state                                      -F name,lpar_id,state --header
 *     erp1,3,Running
 *
 *     erp1,3,Running                                          -F name,lpar_id,state
 *
 * The names of the last are not printed: the caller gives them. "No results were found." is an empty list.
 * Printing nothing at all is not: an HMC that has nothing to list says so.
 * Source: IBM Power Systems HMC commands, lssyscfg; captures of HMC V5 to V11R2 in public repositories.
 */
import type { Answer, ReadOptions } from '../../core/fact.js';
import { isAttributeName, isKnownAttribute, isPossibleValue } from './attributes.js';
import { splitHmcRecord, type HmcField } from './csv.js';
import { hmcFailure, isForeignLine, isNoResults } from './failure.js';
import { notUnderstood, readPrinted, type Printed, type PrintedLine } from './printed.js';
import { rejoin, type Rejoined } from './rejoin.js';

/** One thing listed by an HMC command: attribute names as the HMC prints them, values as text. */
export type HmcRow = Readonly<Record<string, string>>;

export interface HmcPair {
  readonly name: string;
  readonly value: string;
  /** The HMC quotes what holds commas: a list, or a list of lists. */
  readonly quoted: boolean;
}

/** What a reader of rows needs to know of its command. */
export interface RowCommand {
  readonly id: string;
  readonly programs: readonly string[];
}

/** Reads a list in any of the three layouts; throws ParseError for a row with too many or too few fields. */
export function readRows(
  command: RowCommand,
  text: string,
  options: ReadOptions = {},
): Answer<readonly HmcRow[]> {
  return readPrinted(text, command.programs, (printed) => readList(command.id, printed, options));
}

function readList(id: string, { asked, lines }: Printed, options: ReadOptions): Answer<readonly HmcRow[]> {
  const failure = hmcFailure(lines);
  if (failure !== null) return { kind: 'failure', failure };
  if (isNoResults(lines)) return { kind: 'facts', facts: [] };
  const first = lines[0];
  if (first === undefined) throw notUnderstood(id, 'nothing was printed', first);
  refuseForeignLines(id, lines);
  const fields = options.fields ?? fieldsOf(asked);
  const facts = isPairs(first) ? pairRecords(id, lines).map(asRow) : fieldRows(id, lines, fields);
  return { kind: 'facts', facts };
}

/** Reads records of attribute=value pairs; each begins with the attribute that the first one begins with. */
export function pairRecords(id: string, lines: readonly PrintedLine[]): readonly (readonly HmcPair[])[] {
  refuseForeignLines(id, lines);
  const leading = pairName(lines[0]?.text ?? '');
  const rejoined = rejoin(lines, (text, pieces) => {
    const pairs = splitPairs(text);
    if (pairs === 'repeated') return 'never';
    if (pairs === null || pairs[0]?.name !== leading) return false;
    return pieces === 1 || pairs.every((pair) => isPossibleValue(pair.name, pair.value));
  });
  if (rejoined.kind === 'stuck') throw notUnderstood(id, 'not a list of attribute=value pairs', rejoined.at);
  return rejoined.records.map((record) => {
    const pairs = splitPairs(record.text);
    return pairs === null || pairs === 'repeated' ? [] : pairs;
  });
}

function refuseForeignLines(id: string, lines: readonly PrintedLine[]): void {
  const foreign = lines.find((line) => isForeignLine(line.text));
  if (foreign !== undefined) throw notUnderstood(id, 'not a row of a list', foreign);
}

function asRow(pairs: readonly HmcPair[]): HmcRow {
  return row(pairs.map((pair) => [pair.name, pair.value] as const));
}

/** Names come from outside: `__proto__` must become a name like any other. */
function row(entries: readonly (readonly [string, string])[]): HmcRow {
  return Object.fromEntries(entries);
}

function isPairs(line: PrintedLine): boolean {
  return pairName(line.text) !== null;
}

function pairName(text: string): string | null {
  const name = /^\s*"?(?<name>[a-z0-9_]+)=/.exec(text)?.groups?.['name'] ?? '';
  return isAttributeName(name) ? name : null;
}

/** A name that stands there twice stays twice, whatever is joined to the end. */
function splitPairs(text: string): readonly HmcPair[] | 'repeated' | null {
  const fields = splitHmcRecord(text);
  if (fields === null) return null;
  const pairs = fields.map(pairOf).filter((pair) => pair !== null);
  const names = new Set(pairs.map((pair) => pair.name));
  if (names.size < pairs.length) return 'repeated';
  return pairs.length === fields.length ? pairs : null;
}

function pairOf(field: HmcField): HmcPair | null {
  const split = field.value.indexOf('=');
  const name = field.value.slice(0, Math.max(split, 0));
  return isAttributeName(name) ? { name, value: field.value.slice(split + 1), quoted: field.quoted } : null;
}

/** The columns that a pasted prompt line asked for. */
function fieldsOf(asked: string | null): readonly string[] | undefined {
  const list = /\s-F\s+["']?(?<list>[a-z0-9_,]+)["']?(?=\s|$)/.exec(asked ?? '')?.groups?.['list'];
  return list?.split(',');
}

interface Table {
  readonly fields: readonly string[];
  readonly rejoined: Rejoined;
}

function fieldRows(
  id: string,
  lines: readonly PrintedLine[],
  fields: readonly string[] | undefined,
): readonly HmcRow[] {
  const tables = headers(lines, fields).map(({ names, used }) => ({
    fields: names,
    rejoined: table(lines, names, used),
  }));
  if (fields !== undefined && tables.length === 0) tables.push({ fields, rejoined: table(lines, fields, 0) });
  if (tables.length === 0) {
    throw notUnderstood(id, 'rows without a header line: name their columns with --fields', lines[0]);
  }
  return bestTable(id, tables, lines).map(({ names, values }) =>
    row(names.map((name, index) => [name, values[index] ?? ''] as const)),
  );
}

interface Header {
  readonly names: readonly string[];
  /** How many printed lines it was broken into. */
  readonly used: number;
}

/** The header line in every way it may have been broken. Without one, `fields` must name the columns. */
function headers(lines: readonly PrintedLine[], fields: readonly string[] | undefined): readonly Header[] {
  const found: Header[] = [];
  for (let used = 1; used <= Math.min(lines.length, 40); used += 1) {
    const text = lines.slice(0, used).map((line) => line.text);
    const names = text.join('').split(',');
    if (fields !== undefined && names.join() !== fields.join()) continue;
    if (fields !== undefined || isHeader(names)) found.push({ names, used });
  }
  return found;
}

function isHeader(names: readonly string[]): boolean {
  const knownNames = names.filter(isKnownAttribute).length;
  return (
    names.every(isAttributeName) && new Set(names).size === names.length && knownNames * 2 >= names.length
  );
}

/** The header counts as a record of the table, so that it must break at the same column as the rows. */
function table(lines: readonly PrintedLine[], names: readonly string[], headerLines: number): Rejoined {
  const header = names.join(',');
  return rejoin(lines, (text, pieces) => {
    if (headerLines > 0 && text === header) return pieces === headerLines;
    const values = splitHmcRecord(text)?.map((field) => field.value);
    if (values !== undefined && values.length > names.length) return 'never';
    if (values?.length !== names.length) return false;
    // A row of nothing but attribute names is a header in the wrong place.
    if (values.length > 1 && values.every(isKnownAttribute)) return false;
    return pieces === 1 || names.every((name, index) => isPossibleValue(name, values[index] ?? ''));
  });
}

interface TableRow {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** Of several ways to read it, the one whose header has no broken names; in doubt none. */
function bestTable(id: string, tables: readonly Table[], lines: readonly PrintedLine[]): readonly TableRow[] {
  const readable = tables.filter((candidate) => candidate.rejoined.kind === 'records');
  const fewest = Math.min(...readable.map(unknownNames));
  const [best, second] = readable.filter((candidate) => unknownNames(candidate) === fewest);
  if (best?.rejoined.kind !== 'records') throw stuckTable(id, tables, lines);
  if (second !== undefined) throw notUnderstood(id, 'the header can be read in two ways', lines[0]);
  const header = best.fields.join(',');
  const [top, ...rest] = best.rejoined.records;
  const rows = top?.text === header ? rest : best.rejoined.records;
  if (rows.length === 0) throw notUnderstood(id, 'a header and no row', lines.at(-1));
  const repeated = rows.find((record) => record.text === header);
  if (repeated !== undefined) throw notUnderstood(id, 'a second header', repeated.line);
  return rows.map(({ text }) => ({
    names: best.fields,
    values: (splitHmcRecord(text) ?? []).map((field) => field.value),
  }));
}

function unknownNames(candidate: Table): number {
  return candidate.fields.filter((name) => !isKnownAttribute(name)).length;
}

/** Names the line that the most hopeful reading did not get past. */
function stuckTable(id: string, tables: readonly Table[], lines: readonly PrintedLine[]): Error {
  let count = 0;
  let at = lines[0];
  for (const { fields, rejoined } of tables) {
    if (rejoined.kind !== 'stuck' || (rejoined.at?.number ?? 0) < (at?.number ?? 0)) continue;
    count = fields.length;
    at = rejoined.at;
  }
  return notUnderstood(id, `not a row of ${count} fields`, at);
}
