/** Every value that a label may have is of a known set: nothing that people type or nodes print makes a new series. */
export interface Words {
  /** Ids of what reads remote commands. */
  readonly commands: readonly string[];
  readonly fixes: readonly string[];
  readonly diagnostics: readonly string[];
  readonly jobs: readonly { readonly name: string; readonly queue: string }[];
  /** Names in the inventory. */
  readonly hmcs: readonly string[];
}

/** What stands for everything that is not known. */
export const other = 'other';

/** A word of that set, or `other`. */
export function among(set: readonly string[]): (word: string) => string {
  const known = new Set(set);
  return (word) => (known.has(word) ? word : other);
}

/** The first `most` different words that come, and `other` for all that come later. */
export function first(most: number): (word: string) => string {
  const seen = new Set<string>();
  return (word) => {
    if (seen.has(word)) return word;
    if (seen.size >= most) return other;
    seen.add(word);
    return word;
  };
}
