import { join } from 'node:path';
import { byLine, keyOf, readDocument, suggestKeys } from '../settings/document.js';
import { readText } from '../settings/file.js';
import type { Problem } from '../settings/problem.js';
import { wrongWords, type Known } from './references.js';
import { defaultPolicy, policyKeys, policySchema, roughPolicySchema, type Policy } from './schema.js';

export type LoadedPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/**
 * Reads `policy.yaml` in a folder; where there is none, nobody may change anything. Tells every problem at once, those with
 * names that the inventory or the registry of fixes does not know included.
 */
export function loadPolicy(folder: string, known: Known): LoadedPolicy {
  const file = join(folder, 'policy.yaml');
  const content = readText(file);
  if (content.kind === 'unreadable') return { kind: 'problems', problems: [content.problem] };
  return content.kind === 'missing'
    ? { kind: 'policy', policy: defaultPolicy }
    : readPolicy(file, content.text, known);
}

/** The same for text that is at hand; `file` is only named in problems. */
export function readPolicy(file: string, text: string, known: Known): LoadedPolicy {
  const checked = readDocument(file, text, policySchema);
  const problems = [
    ...(checked.kind === 'problems' ? suggestKeys(checked.problems, policyKeys) : []),
    ...wordProblems(file, text, known),
  ];
  if (checked.kind === 'value' && problems.length === 0) return { kind: 'policy', policy: checked.value };
  return { kind: 'problems', problems: byLine(problems) };
}

/** Looks at the words also where the file has other problems: whoever mends one wants to know of the next. */
function wordProblems(file: string, text: string, known: Known): readonly Problem[] {
  const rough = readDocument(file, text, roughPolicySchema);
  if (rough.kind === 'problems') return [];
  return wrongWords(rough.value, known).map(({ path, problem }) => ({
    file,
    line: rough.lineOf(path),
    key: keyOf(path),
    problem,
  }));
}
