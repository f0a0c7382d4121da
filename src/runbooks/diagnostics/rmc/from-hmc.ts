import type { NodeTarget } from '../../../core/target.js';
import type { Finding } from '../../../core/verdict.js';
import type { Reached } from '../../definition.js';
import type { RmcHmcFacts } from './facts.js';
import { capabilityOf } from './hmc.js';
import { isLinked, limitedOs, lparNotRunning, stoppedStates, systemDisconnected } from './power.js';
import type { Draft } from './rule.js';
import { hasNoDlparCapability, look, valueOf, type Sight } from './sight.js';

/**
 * What the HMC's side alone proves of an LPAR, for a sweep that logs in only where it must. Nothing (healthy) only if
 * the HMC shows everything of health that it can: rmc_state active, Active at least 1, DCaps other than 0, an LPAR that
 * runs AIX or VIOS on a system that is Operating and Connected, and an address that no other LPAR holds. An LPAR that does not run
 * or runs IBM i needs no login either. Null for everything else, for any fact that was not read, and for an LPAR
 * whose id the inventory does not name: whoever answers then could be somebody else.
 */
export function judgeFromHmc(target: NodeTarget, hmc: Reached<RmcHmcFacts>): readonly Finding[] | null {
  if (!hmc.ok) return null;
  const node = { ok: false, error: { class: 'ConnectError', message: 'It was not asked.' } } as const;
  const sight = look({ target, node, hmc });
  if (sight.identity.kind !== 'assumed') return null;
  if (sight.system.kind !== 'found' || sight.partition.kind !== 'found') return null;
  const [disconnected] = systemDisconnected.find(sight);
  const isOff = disconnected?.symptom === 'rmc.system-disconnected:off';
  const isOperating = sight.system.row.state === 'Operating' && isLinked(sight);
  if (!isOperating && !isOff) return null;
  if (stoppedStates.includes(sight.partition.row.state ?? '')) return lparNotRunning.find(sight).map(finding);
  const otherOs = limitedOs.find(sight);
  if (otherOs.length > 0) return isOperating ? otherOs.map(finding) : null;
  return isOperating && isHealthy(sight) && !isAddressShared(sight) ? [] : null;
}

function isHealthy(sight: Sight): boolean {
  const { partition, dlpar } = sight;
  const isCapable = ['some', 'unasked'].includes(capabilityOf(sight));
  if (partition.kind !== 'found' || dlpar.kind !== 'found') return false;
  const { state, rmc_state: rmcState, lpar_env: env } = partition.row;
  if (state !== 'Running' || rmcState !== 'active') return false;
  if (env !== 'aixlinux' && env !== 'vioserver') return false;
  return dlpar.row.active >= 1 && !hasNoDlparCapability(dlpar.row) && isCapable;
}

/** Two LPARs with one address break each other on the HMC, even if one of them is shut off. Source: field notes on recycled addresses. */
function isAddressShared({ collected, partition, dlpar }: Sight): boolean {
  if (collected.hmc?.ok !== true || partition.kind !== 'found' || dlpar.kind !== 'found') return true;
  const { ipAddress } = dlpar.row;
  const inDlpar = valueOf(collected.hmc.facts.dlpar)?.filter((row) => row.ipAddress === ipAddress) ?? [];
  const inSystem =
    valueOf(collected.hmc.facts.partitions)?.filter((row) => row.rmc_ipaddr === ipAddress) ?? [];
  return ipAddress !== null && (inDlpar.length > 1 || inSystem.length > 1);
}

function finding({ id, severity, title, expected, observed, evidence, fixes }: Draft): Finding {
  return { id, severity, title, expected, observed, evidence, fixes };
}
