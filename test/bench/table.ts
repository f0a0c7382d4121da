/** Figures side by side, for people and for programs. */

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

/** Three digits are enough: more would say that they are known. */
function shown(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '–';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 2));
}

/** A whole result as text. */
export function resultText(result: Result): string {
  const targets = result.targets.map(({ text, isMet }) => `${isMet ? 'met    ' : 'MISSED '} ${text}`);
  const notes = result.notes.map((note) => `note    ${note}`);
  return [`\n== ${result.bench}: ${result.title}`, tableText(result.rows), ...targets, ...notes].join('\n');
}
