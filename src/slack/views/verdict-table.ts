import { redact } from '../../core/redact.js';
import { levels } from '../../core/verdict.js';
import type { Level, Verdict } from '../../core/verdict.js';
import { mainFinding, worstFirst } from './findings.js';
import { clip, count, oneLine, plural, visible } from './text.js';
import { levelWords, marks } from './words.js';

/** `8 LPARs: 2 critical, 1 unknown, 1 warning, 4 healthy`: worst first, none left out that is not zero. */
export function tally(verdicts: readonly Verdict[], noun: string): string {
  const parts = [...levels]
    .reverse()
    .map((level) => ({ level, n: verdicts.filter((verdict) => verdict.verdict === level).length }))
    .filter(({ n }) => n > 0)
    .map(({ level, n }) => `${count(n)} ${levelWords[level]}`);
  return `${plural(verdicts.length, noun)}: ${parts.join(', ')}`;
}

/** More rows than these are no reading any more: the targets are then grouped by what was found. */
const rowsAtMost = 25;

/**
 * Target, verdict and main finding as aligned plain text, worst first. Few targets have a row each; many are grouped,
 * one row for each finding with how many targets have it and their names. Not escaped: it goes into a code block.
 */
export function verdictTable(verdicts: readonly Verdict[], maxChars: number): string {
  const ordered = worstFirst(verdicts);
  const rows = ordered.length <= rowsAtMost ? rowPerTarget(ordered) : rowPerFinding(ordered);
  return withinChars(rows, maxChars);
}

function rowPerTarget(verdicts: readonly Verdict[]): readonly string[] {
  const names = verdicts.map((verdict) => clip(visible(oneLine(verdict.target)), 40));
  const width = Math.min(24, Math.max(...names.map((name) => name.length)));
  return verdicts.map((verdict, i) =>
    `${(names[i] ?? '').padEnd(width)}  ${levelCell(verdict.verdict)}  ${found(verdict)}`.trimEnd(),
  );
}

function rowPerFinding(verdicts: readonly Verdict[]): readonly string[] {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.verdict, mainFinding(verdict)?.id ?? '']);
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  return [...groups.values()].map(groupRow);
}

function groupRow(group: readonly Verdict[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const names = group.map((verdict) => visible(oneLine(verdict.target)));
  const what = group.length === 1 ? found(first) : shared(group);
  const head = `${levelCell(first.verdict)}  ${count(group.length).padStart(4)}${what === '' ? '' : ` × ${what}`}`;
  return `${head.trimEnd()}\n    ${namesWithin(names, 64)}`;
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
  return main === null ? '' : clip(visible(redact(oneLine(main.title))), 100);
}

const cellWidth = Math.max(...levels.map((level) => levelWords[level].length)) + 2;

function levelCell(level: Level): string {
  return `${marks[level]} ${levelWords[level]}`.padEnd(cellWidth);
}

function namesWithin(names: readonly string[], width: number): string {
  const kept: string[] = [];
  for (const name of names) {
    if (kept.length > 0 && [...kept, name].join(', ').length > width) break;
    kept.push(clip(name, 60));
  }
  const rest = names.length - kept.length;
  return `${kept.join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`;
}

function withinChars(rows: readonly string[], maxChars: number): string {
  const kept: string[] = [];
  let used = 40;
  for (const row of rows) {
    used += row.length + 1;
    if (used > maxChars) break;
    kept.push(row);
  }
  const rest = rows.length - kept.length;
  return [...kept, ...(rest > 0 ? [`… and ${plural(rest, 'more row')} in the thread`] : [])].join('\n');
}
