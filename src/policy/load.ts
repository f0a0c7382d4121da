import { join } from 'node:path';
import { byLine, keyOf, readDocument, suggestKeys } from '../settings/document.js';
import { readText } from '../settings/file.js';
import type { Problem } from '../settings/problem.js';
import { defaultPolicy, policyKeys, policySchema, type Policy } from './schema.js';

export type LoadedPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Reads `policy.yaml` in a folder; a missing file means the default policy. Tells every problem at once. */
export function loadPolicy(folder: string): LoadedPolicy {
  const file = join(folder, 'policy.yaml');
  const content = readText(file);
  if (content.kind === 'unreadable') return { kind: 'problems', problems: [content.problem] };
  return content.kind === 'missing'
    ? { kind: 'policy', policy: defaultPolicy }
    : readPolicy(file, content.text);
}

/** The same for text that is at hand; `file` is only named in problems. */
export function readPolicy(file: string, text: string): LoadedPolicy {
  const checked = readDocument(file, text, policySchema);
  if (checked.kind === 'problems')
    return { kind: 'problems', problems: suggestKeys(checked.problems, policyKeys) };
  const problems = doubleAliases(checked.value).map(({ path, problem }) => ({
    file,
    line: checked.lineOf(path),
    key: keyOf(path),
    problem,
  }));
  return problems.length > 0
    ? { kind: 'problems', problems: byLine(problems) }
    : { kind: 'policy', policy: checked.value };
}

/** An account belongs to one person, or two people could not be told apart. */
function doubleAliases(policy: Policy): readonly { path: (string | number)[]; problem: string }[] {
  const ownerOf = new Map(Object.keys(policy.people).map((user) => [user, user]));
  return Object.entries(policy.people).flatMap(([user, person]) =>
    person.aliases.flatMap((alias, index) => {
      const owner = ownerOf.get(alias);
      if (owner === undefined) ownerOf.set(alias, user);
      return owner === undefined || owner === user
        ? []
        : [{ path: ['people', user, 'aliases', index], problem: `${alias} is ${owner}'s account already.` }];
    }),
  );
}
