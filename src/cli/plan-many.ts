/** The plans of one fix for several targets, as a roll-out would have them: all are printed, and nothing of them is run. */
import type { Proposal } from '../core/plan.js';
import { namesInOrder } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import type { AnyFix } from '../runbooks/definition.js';

/** What a fix proposes for one of several targets. */
export interface ForTarget {
  readonly target: string;
  readonly proposal: Proposal;
}

/** So many targets are read at once. */
const atOnce = 10;

/**
 * The targets where several were typed: none of the words behind the first is one of the fix. null for one target, whose
 * words are the fix's own. Throws UsageError for a word that names nothing.
 */
export function severalTargets(
  fix: AnyFix,
  [target, ...words]: readonly [string, ...string[]],
  inventory: Inventory,
): readonly string[] | null {
  if (fix.takes !== undefined || words.length === 0 || words.some((word) => word.startsWith('-')))
    return null;
  return namesInOrder(fix.kind, inventory, [target, ...words]);
}

/** Proposes for each, in the order of the names. */
export async function proposeForEach(
  names: readonly string[],
  propose: (name: string) => Promise<Proposal>,
): Promise<readonly ForTarget[]> {
  const found = new Map<string, Proposal>();
  const waiting = [...names];
  const reader = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      found.set(name, await propose(name));
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return names.flatMap((target) => {
    const proposal = found.get(target);
    return proposal === undefined ? [] : [{ target, proposal }];
  });
}

/** The line that asks for all that have a plan, in Slack; '' where none has. */
export function rolloutLine(fix: AnyFix, all: readonly ForTarget[]): string {
  const names = all.filter(({ proposal }) => proposal.kind === 'plan').map(({ target }) => target);
  if (names.length === 0) return '';
  const command = fix.kind === 'cluster-fix' ? '/clcomd-fix' : '/rmc-fix';
  return `Nothing of it was run. To have all approved as one list and run in waves, type in Slack: ${command} ${names.join(' ')} ${fix.id}`;
}
