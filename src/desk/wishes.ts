/** What the bot knows of a wish before anybody works on it. */
import { chooseClusters, chooseNodes, chooseSubjects } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Wish } from '../core/request.js';
import { findDiagnostic, findFix } from '../runbooks/index.js';

/** The slash command that a fix is asked for with. */
export function fixCommand(fix: string): string {
  return fix.startsWith('clcomd-') ? '/clcomd-fix' : '/rmc-fix';
}

/** How many verdicts a wish will have. */
export function totalOf(wish: Wish, inventory: Inventory): number {
  if (wish.job === 'cert-expiry') return chooseNodes(inventory, wish.targets).length;
  if (wish.job === 'propose-rollout') return rolloutTargets(wish, inventory).length;
  if (wish.job !== 'diagnose') return 1;
  return chooseSubjects(findDiagnostic(wish.diagnostic).kind, inventory, wish.targets).length;
}

/** What a roll-out is for, by name: clusters or nodes, each once and in the order in which they were named. */
export function rolloutTargets(
  { fix, targets }: Extract<Wish, { job: 'propose-rollout' }>,
  inventory: Inventory,
): readonly string[] {
  const choose = findFix(fix).kind === 'cluster-fix' ? chooseClusters : chooseNodes;
  return [...new Set(targets.flatMap((word) => choose(inventory, [word]).map(({ name }) => name)))];
}
