import type { Asked, WordForm } from '../../definition.js';
import type { Refusal } from './gate.js';

/** Refuses words that a fix does not take: whoever wrote them expects something that it does not do. */
export function refusalByWords(
  fixId: string,
  target: string,
  asked: Asked,
  takes?: WordForm,
): Refusal | null {
  const refused = (reason: string): Refusal => ({
    kind: 'refused',
    gate: 'words',
    reason: `${reason} Nothing was planned for ${target}.`,
    source: `docs/fixes/${fixId}.md`,
  });
  if (takes === undefined) {
    if (asked.words.length === 0) return null;
    return refused(`${fixId} takes no words, and "${asked.words.join(' ')}" was given.`);
  }
  const read = takes.read(asked.words);
  return read.kind === 'understood' ? null : refused(read.message);
}
