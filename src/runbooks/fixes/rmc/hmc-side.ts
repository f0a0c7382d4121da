import type { Capture } from '../../../core/plan.js';
import type { ManagedSystem } from '../../../core/target.js';
import { hmcLevel } from '../../../hmc/lshmc.js';
import { rmcHmcFacts } from '../../diagnostics/rmc/facts.js';
import type { Sight } from '../../diagnostics/rmc/sight.js';
import type { Refusal } from './gate.js';

/** The refusal for a node whose HMC is IBM's. */
export function noHmc(name: string, source: string): Refusal {
  const reason = `No HMC of ours sees the managed system of ${name}: this fix has nothing to run on.`;
  return { kind: 'refused', gate: 'hmc', reason, source };
}

/** The managed system in words that do not change from one reading to the next. */
export function machineBasis({ system, target }: Sight): string {
  if (system.kind !== 'found') return `managed system ${target.system?.hmcName ?? 'none'}`;
  const { name, type_model: typeModel, serial_num: serial } = system.row;
  return `managed system ${String(name)}, ${String(typeModel)}*${String(serial)}, Operating`;
}

/** A change on the HMC locks the whole managed system. */
export function lockOfSystem(system: ManagedSystem): string {
  return `system:${system.name}`;
}

/** What is written down before an HMC is changed: what it says now. */
export function hmcCaptures(system: ManagedSystem): readonly Capture[] {
  const { dlpar, partitions, systems } = rmcHmcFacts(system);
  return [
    { id: 'lspartition', title: 'LPARs as the HMC’s RMC knows them', command: dlpar.command },
    { id: 'lssyscfg-lpar', title: 'LPARs of the managed system', command: partitions.command },
    { id: 'lssyscfg-sys', title: 'Managed systems', command: systems.command },
    { id: 'lshmc', title: 'Level of the HMC', command: hmcLevel.command },
  ];
}
