import type { Change } from './states.js';
import type { Plan } from '../core/plan.js';

/** The plan that puts back what a change altered, or why there is none. The same change gives the same bytes. */
export function undoPlan(change: Change): { kind: 'plan'; plan: Plan } | { kind: 'none'; reason: string } {
  const { plan } = change;
  if (plan.rollback.kind === 'none') return { kind: 'none', reason: plan.rollback.reason };
  const { steps, verify, note } = plan.rollback;
  return {
    kind: 'plan',
    plan: {
      version: 1,
      fix: plan.fix,
      title: `Undo: ${plan.title}`,
      risk: plan.risk,
      target: plan.target,
      basis: [`Undoes change ${change.id} (plan ${change.digest.slice(0, 12)}). ${note}`, ...plan.basis],
      interrupts: plan.interrupts,
      captures: plan.captures,
      steps,
      verify,
      rollback: {
        kind: 'none',
        reason: `This is itself an undo. To bring the change back, ask for ${plan.fix} again.`,
      },
      locks: plan.locks,
    },
  };
}
