import type { ErrorInfo } from './errors.js';
import type { ReadCommand } from './remote-command.js';

/** A remote command's own failure, as it words it. `code` is its message number (`HSCL8012`, `0513-085`) or null. */
export interface Failure {
  readonly code: string | null;
  readonly message: string;
}

/** What a printed answer says: facts, or the command's own failure. Anything else is a thrown ParseError. */
export type Answer<T> =
  | { readonly kind: 'facts'; readonly facts: T }
  | { readonly kind: 'failure'; readonly failure: Failure };

export interface ReadOptions {
  /** Column names for `-F` output without a header line. */
  readonly fields?: readonly string[];
}

/** Reads one remote command's output. Pure; complete value or ParseError, never a default. */
export interface Reader<T> {
  /** The id used by `aixops explain`. */
  readonly id: string;
  /** The program words that may stand on a pasted prompt line, e.g. `lssrc`. */
  readonly programs: readonly string[];
  read(text: string, options?: ReadOptions): Answer<T>;
}

/** A fact is a pair: the command that asks and the reader that understands. */
export interface Fact<T> {
  readonly command: ReadCommand;
  readonly reader: Reader<T>;
  readonly options?: ReadOptions;
  /** Exit statuses other than 0 with which the command documents a whole answer (`grep`: 1 is "none found"). */
  readonly exits?: readonly number[];
}

/** The raw output kept for people: at most a few lines are shown, the whole goes into a file. */
export interface Evidence {
  readonly target: string;
  readonly command: string;
  readonly excerpt: string;
}

/**
 * A fact after asking: a value, the command's own failure, or not read at all.
 * "Not installed", "printed nothing" and "could not run" stay three different things.
 */
export type Reading<T> =
  | { readonly kind: 'value'; readonly value: T; readonly evidence: Evidence }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly evidence: Evidence }
  | { readonly kind: 'unread'; readonly error: ErrorInfo; readonly evidence: Evidence };

/** Named facts, and the same names after asking. */
export type FactSet = Readonly<Record<string, Fact<unknown>>>;
export type Readings<S extends FactSet> = {
  readonly [K in keyof S]: S[K] extends Fact<infer T> ? Reading<T> : never;
};
