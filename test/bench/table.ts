/** Figures side by side, for people and for programs. */

import type { Picture } from './draw.js';

/** One row of a table; null where there is no figure. */
export type Row = Readonly<Record<string, string | number | null>>;

/** A benchmark's answer: what was measured, and how well it did against what is promised. */
export interface Result {
  readonly bench: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** Sentences on the targets: met or not, with both figures. */
  readonly targets: readonly { readonly text: string; readonly isMet: boolean }[];
  /** What must be known to read the figures. */
  readonly notes: readonly string[];
  /** Numbers that others reckon with, by name; the name ends with the unit. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Drawn for the manual, where the result is kept. */
  readonly pictures?: readonly Picture[];
}

/** One promise, held against what was measured. */
export type Target = Result['targets'][number];

/** A target that is met up to and including `most`; `unit` stands behind both figures. */
export function atMost(text: string, value: number, most: number, unit: string): Target {
  const of = unit === '' ? '' : ` ${unit}`;
  return {
    text: `${text}: ${shown(value)}${of} (target: at most ${shown(most)}${of})`,
    isMet: value <= most,
  };
}

/** A target that is met from `least` times on. */
export function timesBetter(text: string, theirs: number, ours: number, least: number): Target {
  return {
    text: `${text}: ${shown(theirs / ours)} times (target: at least ${least} times)`,
    isMet: theirs / ours >= least,
  };
}

/** A table with a line for each row; numbers stand to the right. */
export function tableText(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => shown(row[column] ?? null)));
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const isNumber = columns.map((column) => rows.every((row) => typeof (row[column] ?? 0) === 'number'));
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, at) =>
        isNumber[at] === true ? part.padStart(widths[at] ?? 0) : part.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n');
}

/** A figure as people read it. Three digits are enough: more would say that they are known. */
export function shown(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 2));
}

/** A whole result as text. */
export function resultText(result: Result): string {
  const targets = result.targets.map(({ text, isMet }) => `${isMet ? 'met    ' : 'MISSED '} ${text}`);
  const notes = result.notes.map((note) => `note    ${note}`);
  return [`\n== ${result.bench}: ${result.title}`, tableText(result.rows), ...targets, ...notes].join('\n');
}
