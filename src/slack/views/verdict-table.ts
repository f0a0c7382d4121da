import { redact } from '../../core/redact.js';
import { levels } from '../../core/verdict.js';
import type { Level, Verdict } from '../../core/verdict.js';
import { mainFinding, worstFirst } from './findings.js';
import { clip, count, oneLine, plural, visible } from './text.js';
import { levelWords, marks } from './words.js';

/** `8 LPARs: 2 critical, 1 unknown, 1 warning, 4 healthy`: worst first, none left out that is not zero. */
export function tally(verdicts: readonly Verdict[], noun: string): string {
  return `${plural(verdicts.length, noun)}: ${levelCounts(verdicts)}`;
}

/** `2 critical, 1 unknown, 1 warning, 4 healthy`. */
export function levelCounts(verdicts: readonly Verdict[]): string {
  return [...levels]
    .reverse()
    .map((level) => ({ level, n: verdicts.filter((verdict) => verdict.verdict === level).length }))
    .filter(({ n }) => n > 0)
    .map(({ level, n }) => `${count(n)} ${levelWords[level]}`)
    .join(', ');
}

/** More rows than these are no reading any more: the targets are then grouped by what was found. */
const rowsAtMost = 25;

/** How much a table may take: characters of one part, and parts. */
export interface TableRoom {
  readonly chars: number;
  readonly parts: number;
}

/**
 * Target, verdict and main finding as aligned plain text, worst first, in one or more parts. Few targets have a row
 * each; many are grouped, one row for each finding with how many targets have it and their names, as many as there is
 * room for. Not escaped: each part goes into a code block.
 */
export function verdictTable(verdicts: readonly Verdict[], room: TableRoom): readonly string[] {
  const ordered = worstFirst(verdicts);
  if (ordered.length <= rowsAtMost) return inParts(rowPerTarget(ordered), room);
  const groups = byFinding(ordered);
  // A group has a line for what was found; what is left of the room goes to names, evenly.
  const perGroup = Math.floor((room.chars * room.parts) / groups.length) - 140;
  const fitting = Math.max(1, Math.min(6, Math.floor(perGroup / (nameWidth + 5))));
  // Nobody looks for the healthy ones first; their names are in the thread.
  const linesFor = ([first]: readonly Verdict[]) =>
    first?.verdict === 'ok' ? Math.min(2, fitting) : fitting;
  return inParts(
    groups.map((group) => groupRow(group, linesFor(group))),
    room,
  );
}

function rowPerTarget(verdicts: readonly Verdict[]): readonly string[] {
  const names = verdicts.map((verdict) => clip(visible(oneLine(verdict.target)), 40));
  const width = Math.min(24, Math.max(...names.map((name) => name.length)));
  return verdicts.map((verdict, i) =>
    `${(names[i] ?? '').padEnd(width)}  ${levelCell(verdict.verdict)}  ${found(verdict)}`.trimEnd(),
  );
}

function byFinding(verdicts: readonly Verdict[]): readonly (readonly Verdict[])[] {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.verdict, mainFinding(verdict)?.id ?? '', verdict.note ?? '']);
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  return [...groups.values()];
}

function groupRow(group: readonly Verdict[], nameLines: number): string {
  const [first] = group;
  if (first === undefined) return '';
  const names = group.map((verdict) => visible(oneLine(verdict.target)));
  const what = group.length === 1 ? found(first) : shared(group);
  const head = `${levelCell(first.verdict)}  ${count(group.length).padStart(4)}${what === '' ? '' : ` × ${what}`}`;
  return [head.trimEnd(), ...namesWithin(names, nameLines).map((line) => `    ${line}`)].join('\n');
}

// Titles with the same id differ in their numbers; the first one alone would be wrong for the others.
function shared(group: readonly Verdict[]): string {
  const titles = new Set(group.map(found));
  const [only] = titles;
  if (only === undefined || only === '') return '';
  return titles.size === 1 ? only : `${only} (and similar)`;
}

function found(verdict: Verdict): string {
  const main = mainFinding(verdict);
  const note = verdict.note === undefined ? '' : clip(visible(oneLine(verdict.note)), 60);
  if (main === null) return note;
  return `${clip(visible(redact(oneLine(main.title))), 100)}${note === '' ? '' : ` (${note})`}`;
}

const cellWidth = Math.max(...levels.map((level) => levelWords[level].length)) + 2;

function levelCell(level: Level): string {
  return `${marks[level]} ${levelWords[level]}`.padEnd(cellWidth);
}

const nameWidth = 66;

/** Names in at most so many lines, and how many there is no room for. */
function namesWithin(names: readonly string[], lines: number): readonly string[] {
  const filled: string[] = [];
  let line = '';
  let shown = 0;
  for (const name of names.map((one) => clip(one, 60))) {
    const longer = line === '' ? name : `${line}, ${name}`;
    if (line !== '' && longer.length > nameWidth) {
      if (filled.length + 1 === lines) break;
      filled.push(`${line},`);
      line = name;
    } else line = longer;
    shown += 1;
  }
  const rest = names.length - shown;
  return [...filled, `${line}${rest > 0 ? ` and ${count(rest)} more` : ''}`];
}

/** Rows packed into parts; what there is no part for is counted. */
function inParts(rows: readonly string[], room: TableRoom): readonly string[] {
  const parts: string[][] = [[]];
  let used = 0;
  for (const [at, row] of rows.entries()) {
    const isFull = used + row.length + 1 > room.chars - 40;
    if (isFull && parts.length === room.parts) {
      parts.at(-1)?.push(`… and ${plural(rows.length - at, 'more row')} in the thread`);
      break;
    }
    if (isFull && used > 0) {
      parts.push([]);
      used = 0;
    }
    parts.at(-1)?.push(row);
    used += row.length + 1;
  }
  return parts.map((part) => part.join('\n'));
}
