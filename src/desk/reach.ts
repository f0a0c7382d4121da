/** What help, forms and typeahead show a person: only what the policy lets this person use. */
import type { Command, Vocabulary } from '../../commands/command.js';
import { askerOf } from '../core/request.js';
import type { ActionObject } from '../policy/authorise.js';
import { targetFacts } from '../policy/target-facts.js';
import type { Reach, ReachOf } from '../slack/reach.js';
import type { Foresee } from './permission.js';

const everything: Reach = { isOpen: true, offers: () => true };

/** How far each command reaches, by the same policy that judges what is asked for. */
export function createReach(foresee: Foresee, vocabulary: Vocabulary): ReachOf {
  return async (who, command) => {
    if (command.action === 'help') return everything;
    const allows = await foresee(askerOf(who), command.action);
    const things = thingsOf(command, vocabulary).filter((thing) => allows({ ...thing, ahead: true }));
    if (things.length === 0) return { isOpen: false, offers: () => false };
    const isFix = new Set(vocabulary.fixes.map(({ id }) => id));
    const reaches = reachOfTargets(things, allows, vocabulary);
    return {
      isOpen: true,
      offers: (word) => (isFix.has(word) ? things.some(({ name }) => name === word) : reaches(word)),
    };
  };
}

/** What the command may run: its diagnostic, the fixes that it takes, or nothing that has a name. */
function thingsOf(command: Command, vocabulary: Vocabulary): readonly ActionObject[] {
  const fixes = new Map(vocabulary.fixes.map((fix) => [fix.id, fix]));
  const taken = Object.values(command.args)
    .flatMap((argument) => argument.choices(vocabulary))
    .flatMap(({ word }) => fixes.get(word) ?? []);
  if (taken.length > 0) return taken.map(({ id, risk }) => ({ name: id, risk }));
  return command.runs === null ? [{}] : [{ name: command.runs }];
}

/** Whether every node that a word means is allowed; each node is judged once. */
function reachOfTargets(
  things: readonly ActionObject[],
  allows: (object: ActionObject) => boolean,
  { inventory }: Vocabulary,
): (word: string) => boolean {
  // A rule without targets fits them all: then no node needs to be looked at.
  if (things.some((thing) => allows(thing))) return () => true;
  const known = new Map<string, boolean>();
  const isAllowed = (target: NonNullable<ActionObject['targets']>[number]): boolean => {
    const before = known.get(target.name);
    if (before !== undefined) return before;
    const now = things.some((thing) => allows({ ...thing, ahead: true, targets: [target] }));
    known.set(target.name, now);
    return now;
  };
  return (word) => targetFacts(inventory, [word]).every(isAllowed);
}
