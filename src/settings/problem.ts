/** One thing wrong with a settings file or the environment: where it stands, and what to do about it. */
export interface Problem {
  /** The file's path, or `environment`. */
  readonly file: string;
  /** Counts from 1; null where there is no line, as with a missing file. */
  readonly line: number | null;
  /** The key as a person writes it: `nodes.lpar1.host`. */
  readonly key: string;
  /** One sentence. */
  readonly problem: string;
}

/** A problem as one line: `inventory.yaml:12 nodes.lpar1.host: …`. */
export function problemLine(problem: Problem): string {
  const place = problem.line === null ? problem.file : `${problem.file}:${problem.line}`;
  return `${place} ${problem.key === '' ? '' : `${problem.key}: `}${problem.problem}`;
}
