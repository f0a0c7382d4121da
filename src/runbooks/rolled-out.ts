/** Which fixes may go over many targets under one approval, and what in a target's facts says how. Pure. */
import type { FactSet } from '../core/fact.js';
import type { Plan, Risk } from '../core/plan.js';
import type { Collected } from './definition.js';

/** More targets are not looked through by any approver. */
export const mostRolledOut = 200;

/** Why a fix is never rolled out; null where it may be. */
export function neverRolledOut({ id, risk }: { readonly id: string; readonly risk: Risk }): string | null {
  if (risk !== 'high') return null;
  return `${id} is high risk: it is weighed for each target by itself and never rolled out over several.`;
}

/** Why one target's plan cannot be part of a roll-out, although its fix may be; null where it can. */
export function notInRollout(plan: Plan): string | null {
  const never = neverRolledOut({ id: plan.fix, risk: plan.risk });
  if (never !== null) return never;
  return plan.steps.some((step) => step.kind === 'person')
    ? 'A person has to do a step of its plan. Ask for it on this target alone.'
    : null;
}

/** Whether the HMC says that a target is a VIOS, as far as a fix has read that. */
export function isVios({ target, hmc }: Pick<Collected<FactSet, FactSet>, 'target' | 'hmc'>): boolean {
  if (hmc === null || !hmc.ok) return false;
  const read = hmc.facts['partitions'];
  if (read?.kind !== 'value' || !Array.isArray(read.value)) return false;
  const rows: readonly unknown[] = read.value;
  return rows.some((row) => isOwnVios(row, target.lparId));
}

function isOwnVios(row: unknown, lparId: number | null): boolean {
  if (typeof row !== 'object' || row === null) return false;
  const { lpar_id: id, lpar_env: env } = row as Readonly<Record<string, unknown>>;
  return env === 'vioserver' && lparId !== null && id === String(lparId);
}
