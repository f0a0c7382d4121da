/** What the bot knows of a wish before anybody works on it. */
import { chooseNodes, chooseSubjects, namesInOrder } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Wish } from '../core/request.js';
import { declaresCertificates } from '../core/target.js';
import { findDiagnostic, findFix } from '../runbooks/index.js';

/** The slash command that a fix is asked for with. */
export function fixCommand(fix: string): string {
  return fix.startsWith('clcomd-') ? '/clcomd-fix' : '/rmc-fix';
}

/** How many verdicts a wish will have. */
export function totalOf(wish: Wish, inventory: Inventory): number {
  if (wish.job === 'cert-expiry')
    return chooseNodes(inventory, wish.targets).filter(declaresCertificates).length;
  if (wish.job === 'propose-rollout')
    return namesInOrder(findFix(wish.fix).kind, inventory, wish.targets).length;
  if (wish.job !== 'diagnose') return 1;
  return chooseSubjects(findDiagnostic(wish.diagnostic).kind, inventory, wish.targets).length;
}
