import type { CertificateLine, Edition, Line } from './edition.js';
import type { Hush } from './hush.js';

/** What was found when somebody had a line read again. */
export interface Recheck {
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Plain text; null while the reading is under way. */
  readonly says: string | null;
  /** Whether it needs nobody any more: renewed, or gone. */
  readonly isDone: boolean;
}

/** What people did to one line since its edition was made. */
export interface LineMarks {
  readonly hush: Hush | null;
  readonly owner: string | null;
  /** Who assigned the owner; null where that is not known any more. */
  readonly recheck: Recheck | null;
}

/** What people did, by line id. */
export type EditionMarks = ReadonlyMap<string, LineMarks>;

/** What an acknowledgement, a snooze or an owner of a line is kept under. */
export function itemsOfLine(line: Line): readonly string[] {
  return line.kind === 'certificate' ? line.places.map(({ item }) => item) : [line.item];
}

/** What a line was when it was drawn: a hush said of it ends with another version. */
export function versionOfLine(line: Line): string {
  return line.kind === 'certificate' ? line.fingerprint : line.version;
}

/** The nodes that a line is about, each once; none for a cluster's yearly reminder. */
export function targetsOfLine(line: Line): readonly string[] {
  if (line.kind === 'rotation') return [];
  return line.kind === 'trouble' ? [line.target] : [...new Set(line.places.map(({ target }) => target))];
}

/** The certificates among the lines. */
export function certificatesOf({ lines }: Pick<Edition, 'lines'>): readonly CertificateLine[] {
  return lines.flatMap((line) => (line.kind === 'certificate' ? [line] : []));
}

/** Puts what is kept of items to the lines of an edition: a line is hushed when all of its places are. */
export function marksOfLines(
  lines: readonly Line[],
  kept: ReadonlyMap<string, { readonly hush: Hush | null; readonly owner: string | null }>,
  rechecks: ReadonlyMap<string, Recheck>,
  since: string,
): EditionMarks {
  return new Map(
    lines.map((line) => {
      const said = itemsOfLine(line).map((item) => kept.get(item));
      // One that was said before the edition did not keep the line out of it: it holds no more.
      const hushes = said.map((one) =>
        one?.hush != null && one.hush.version === versionOfLine(line) && one.hush.at >= since
          ? one.hush
          : null,
      );
      const hush = hushes.every((one) => one !== null) ? (hushes[0] ?? null) : null;
      const owner = said.find((one) => one?.owner != null)?.owner ?? null;
      return [line.id, { hush, owner, recheck: rechecks.get(line.id) ?? null }];
    }),
  );
}
