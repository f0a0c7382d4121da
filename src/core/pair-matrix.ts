/** Who reached whom: rows from, columns to, in the order of `nodes`; null where a try did not take place. */
export interface PairMatrix {
  readonly nodes: readonly string[];
  readonly rounds: number;
  /** How many of the rounds answered. */
  readonly answered: readonly (readonly (number | null)[])[];
}

const nameWidth = 14;
/** More columns than these would be wider than a message: the cells are then marks alone. */
const wideAtMost = 6;

/**
 * The matrix as aligned plain text, one look: `✓` every try answered, `✗` none, `~` some, `?` not tried. Long names are
 * cut, and numbered where two would look the same. Not escaped.
 */
export function matrixLines(matrix: PairMatrix): readonly string[] {
  const names = shortNames(matrix.nodes);
  const isWide = matrix.nodes.length <= wideAtMost;
  const heads = isWide ? names : matrix.nodes.map((_, at) => String(at + 1));
  const rows = isWide ? names : names.map((name, at) => `${String(at + 1).padStart(2)} ${name}`);
  const first = Math.max('from \\ to'.length, ...rows.map((row) => row.length));
  const width = Math.max(isWide ? 5 : 2, ...heads.map((head) => head.length));
  const line = (head: string, cells: readonly string[]) =>
    [head.padEnd(first), ...cells.map((cell) => cell.padEnd(width))].join('  ').trimEnd();
  const body = matrix.answered.map((row, at) =>
    line(
      rows[at] ?? '',
      row.map((answered) => cellText(answered, matrix.rounds, isWide)),
    ),
  );
  return [line('from \\ to', heads), ...body];
}

/** The same as one sentence, for who hears it read aloud: only the pairs that did not always answer are named. */
export function matrixSentence(matrix: PairMatrix): string {
  const { nodes, rounds } = matrix;
  const pairs = matrix.answered.flatMap((row, from) =>
    row.map((answered, to) => ({ from: nodes[from] ?? '', to: nodes[to] ?? '', answered })),
  );
  const bad = pairs.filter(({ answered }) => answered !== rounds);
  const tries = `clrsh, ${rounds} tries of each pair`;
  if (bad.length === 0) return `${tries}: all ${pairs.length} pairs answered every time.`;
  const said = bad
    .slice(0, 12)
    .map(
      ({ from, to, answered }) =>
        `${from} to ${to} ${answered === null ? 'not tried' : `${answered} of ${rounds}`}`,
    );
  const more = bad.length > 12 ? [`${bad.length - 12} more pairs not always`] : [];
  const rest = pairs.length - bad.length;
  const others = rest === 0 ? 'no pair answered every time' : `the other ${rest} answered every time`;
  return `${tries}: ${[...said, ...more].join('; ')}; ${others}.`;
}

/** What the marks mean, for below the matrix. */
export const matrixLegend = '✓ every try answered · ~ some · ✗ none · ? not tried';

function cellText(answered: number | null, rounds: number, isWide: boolean): string {
  const mark = answered === null ? '?' : answered === rounds ? '✓' : answered === 0 ? '✗' : '~';
  if (!isWide) return mark;
  return answered === null ? mark : `${mark} ${answered}/${rounds}`;
}

/** Names that fit a column, without control characters; those that the cut made alike get their number. */
function shortNames(nodes: readonly string[]): readonly string[] {
  const cut = nodes.map((node) => {
    const name = node.replace(/[^\u0021-\u007e]/g, '·');
    // Names of one cluster often differ at their end only.
    return name.length <= nameWidth ? name : `${name.slice(0, 6)}…${name.slice(-(nameWidth - 7))}`;
  });
  return cut.map((name, at) =>
    cut.filter((other) => other === name).length > 1 ? `${at + 1}:${name.slice(0, nameWidth - 3)}` : name,
  );
}
