import { isConnected } from './follow-up.js';
import { capabilityOf } from './hmc.js';
import { isLinked } from './power.js';
import { hasNoDlparCapability, statusOf, type Sight } from './sight.js';

/** What must be so for `ok`, each in words. */
interface Condition {
  readonly words: string;
  readonly holds: (sight: Sight) => boolean;
}

const nodeConditions: readonly Condition[] = [
  { words: 'ctrmc active', holds: (sight) => statusOf(sight, 'ctrmc') === 'active' },
  { words: 'IBM.DRM active', holds: (sight) => statusOf(sight, 'IBM.DRM') === 'active' },
  {
    words: 'its management control point (the HMC) in state I',
    holds: isConnected,
  },
  { words: 'the LPAR id proven', holds: (sight) => sight.identity.kind === 'confirmed' },
];

const hmcConditions: readonly Condition[] = [
  {
    words: 'managed system Operating',
    holds: ({ system }) => system.kind === 'found' && system.row.state === 'Operating',
  },
  { words: 'its connection to the HMC Connected', holds: isLinked },
  {
    words: 'LPAR Running',
    holds: ({ partition }) => partition.kind === 'found' && partition.row.state === 'Running',
  },
  {
    words: 'rmc_state active',
    holds: ({ partition }) => partition.kind === 'found' && partition.row.rmc_state === 'active',
  },
  { words: 'Active at least 1', holds: ({ dlpar }) => dlpar.kind === 'found' && dlpar.row.active >= 1 },
  {
    words: 'DCaps not 0x0',
    holds: ({ dlpar }) => dlpar.kind === 'found' && !hasNoDlparCapability(dlpar.row),
  },
  {
    words: 'a DLPAR capability in lssyscfg',
    holds: (sight) => ['some', 'unasked'].includes(capabilityOf(sight)),
  },
];

/**
 * The conditions of health that do not hold, in words; empty means that both sides were seen and agree. `ok` rests
 * on this and not on the absence of findings: a fault that nobody wrote a rule for is still not health.
 */
export function missingForHealth(sight: Sight): readonly string[] {
  // On Power Virtual Server the HMC is IBM's: only the node's side can be judged.
  const isNodeOnly = sight.collected.hmc === null && sight.target.platform === 'powervs';
  const conditions = isNodeOnly ? nodeConditions : [...nodeConditions, ...hmcConditions];
  return conditions.filter((condition) => !condition.holds(sight)).map((condition) => condition.words);
}
