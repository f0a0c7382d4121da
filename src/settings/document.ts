import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../core/did-you-mean.js';
import type { Problem } from './problem.js';

/** A settings file that was understood, or everything that is wrong with it. */
export type Checked<T> =
  | { readonly kind: 'value'; readonly value: T; readonly lineOf: (path: Path) => number | null }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

export type Path = readonly PropertyKey[];

/** Reads YAML text by a schema and tells every problem at once, each with its line. `file` is only named. */
export function readDocument<T>(file: string, text: string, schema: z.ZodType<T>): Checked<T> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true });
  if (document.errors.length > 0)
    return { kind: 'problems', problems: syntaxProblems(file, document, counter) };
  const lineOf = (path: Path): number | null => lineAt(document, counter, path);
  const content = plain(document);
  if (content instanceof Error)
    return { kind: 'problems', problems: [{ file, line: 1, key: '', problem: content.message }] };
  const result = schema.safeParse(content);
  if (result.success) return { kind: 'value', value: result.data, lineOf };
  const problems = result.error.issues.flatMap((issue) => issueProblems(file, issue, lineOf));
  return { kind: 'problems', problems: byLine(problems) };
}

/** Sorts problems as a person reads the file. */
export function byLine(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** A path as it is written in sentences: `nodes.lpar1.host`, `certificates[0].files`. */
export function keyOf(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** An empty file is an empty mapping. Aliases are expanded up to a limit, and beyond it refused, by `yaml`. */
function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function syntaxProblems(file: string, document: Document, counter: LineCounter): readonly Problem[] {
  return document.errors.map((error) => ({
    file,
    line: counter.linePos(error.pos[0]).line,
    key: '',
    problem: `This is not YAML: ${(error.message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '')}.`,
  }));
}

function issueProblems(
  file: string,
  issue: z.core.$ZodIssue,
  lineOf: (path: Path) => number | null,
): readonly Problem[] {
  if (issue.code === 'invalid_key') {
    const problem = asSentence(issue.issues[0]?.message ?? issue.message);
    return [{ file, line: lineOf(issue.path), key: keyOf(issue.path), problem }];
  }
  if (issue.code !== 'unrecognized_keys') {
    return [{ file, line: lineOf(issue.path), key: keyOf(issue.path), problem: asSentence(issue.message) }];
  }
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    return { file, line: lineOf(path), key: keyOf(path), problem: 'There is no such key here.' };
  });
}

/** Adds what the writer may have meant to problems about unknown keys. */
export function suggestKeys(problems: readonly Problem[], keys: readonly string[]): readonly Problem[] {
  return problems.map((problem) => {
    if (problem.problem !== 'There is no such key here.') return problem;
    const written = problem.key.split('.').at(-1) ?? '';
    // The key itself may be right elsewhere in the file, which helps nobody.
    const meant = didYouMean(
      written,
      keys.filter((key) => key !== written),
    );
    return meant === null
      ? problem
      : { ...problem, problem: `There is no such key here. Did you mean ${meant}?` };
  });
}

/** Where a schema has no words of its own, zod's `Invalid input: expected array, received string` is said plainly. */
function asSentence(message: string): string {
  const groups = /^Invalid input: expected (?<expected>\w+), received (?<received>\w+)$/.exec(
    message,
  )?.groups;
  const expected = kinds[groups?.['expected'] ?? ''];
  if (expected !== undefined) {
    return groups?.['received'] === 'undefined'
      ? `This is missing: it must be ${expected}.`
      : `This must be ${expected}.`;
  }
  return /[.?!]$/.test(message) ? message : `${message}.`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (`key: value`)',
  record: 'a mapping (`key: value`)',
};

/** The line of a key, or of the nearest thing around it that is there. */
function lineAt(document: Document, counter: LineCounter, path: Path): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== null) return counter.linePos(offset).line;
  }
  return 1;
}

function offsetOf(document: Document, path: Path): number | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(last),
    );
    return isScalar(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
