import type { HmcRow } from '../../../hmc/lssyscfg.js';
import { curesOf } from './cures.js';
import { hasWord, showing, showingEntry, type Draft, type Rule } from './rule.js';
import { hasNoDlparCapability, type Sight } from './sight.js';

/**
 * Row 3: lspartition has the connection, lssyscfg does not: the HMC's two caches disagree.
 * Source: RSCT 3.2, "Checking the status of the RMC connections on the HMC".
 */
export const viewsDisagree: Rule = {
  row: '3',
  explains: ['rmc.dlpar-not-capable'],
  find(sight) {
    if (!runs(sight) || sight.partition.kind !== 'found' || sight.dlpar.kind !== 'found') return [];
    const isUp = sight.dlpar.row.active > 0 && !hasNoDlparCapability(sight.dlpar.row);
    const rmcState = sight.partition.row.rmc_state;
    // Only the two words that IBM documents; another word (busy, unknown, a translation) proves nothing.
    return isUp && (rmcState === 'none' || rmcState === 'inactive') ? [disagreement(sight)] : [];
  },
};

/** The same the other way round. Late in the table: whatever stopped RMC explains a view that is behind. */
export const viewsDisagreeLate: Rule = {
  row: '3, reversed',
  explains: [],
  find(sight) {
    if (!runs(sight) || sight.partition.kind !== 'found' || sight.partition.row.rmc_state !== 'active')
      return [];
    const isDown =
      sight.dlpar.kind === 'absent' || (sight.dlpar.kind === 'found' && sight.dlpar.row.active === 0);
    return isDown ? [disagreement(sight)] : [];
  },
};

/**
 * Row 17 without its usual cause: the HMC is connected and holds no DLPAR capability, though IBM.DRM runs. Both views of
 * the HMC are looked at: rmc_state active with all three dlpar_…_capable 0 has been seen in the field.
 */
export const dlparNotCapable: Rule = {
  row: '17, DCaps',
  explains: [],
  find(sight) {
    if (!runs(sight) || sight.dlpar.kind !== 'found' || sight.dlpar.row.active < 1) return [];
    const { row } = sight.dlpar;
    const listed = capabilityOf(sight);
    const isNoneByDcaps = hasNoDlparCapability(row);
    if (!isNoneByDcaps && listed !== 'none') return [];
    return [
      {
        id: 'rmc.dlpar-not-capable',
        // DCaps has capabilities and lssyscfg none: one of the two is wrong, and no change on the node is proven right.
        severity: isNoneByDcaps ? 'crit' : 'unknown',
        title: isNoneByDcaps
          ? `The HMC is connected to ${sight.target.name} but sees no DLPAR capability.`
          : `The HMC’s two views of ${sight.target.name} disagree on DLPAR: lspartition has capabilities, lssyscfg has none.`,
        expected: 'DCaps other than 0x0, dlpar_mem_capable, dlpar_proc_capable or dlpar_io_capable 1',
        observed: `Active:<${row.active}>, DCaps:<${row.dcaps}>, lssyscfg: ${inWords(sight)}`,
        evidence: [...dlparEvidence(sight), ...capabilityEvidence(sight)],
        fixes: isNoneByDcaps ? curesOf('rmc.dlpar-not-capable') : [],
      },
    ];
  },
};

const capabilityNames = ['dlpar_mem_capable', 'dlpar_proc_capable', 'dlpar_io_capable'] as const;

/**
 * What lssyscfg says of DLPAR: `some`, `none`, or `unasked` where this level of the HMC has no such attributes.
 * `unclear` for everything else: it proves nothing.
 */
export function capabilityOf(sight: Sight): 'some' | 'none' | 'unasked' | 'unclear' {
  if (lacksAttributes(sight)) return 'unasked';
  if (sight.capabilities.kind !== 'found') return 'unclear';
  const values = valuesOf(sight.capabilities.row);
  if (values.includes('1')) return 'some';
  return values.every((value) => value === '0') ? 'none' : 'unclear';
}

/** Whether the HMC refused the attributes as such: older levels do, and then there is nothing more to ask. */
export function lacksAttributes({ collected }: Sight): boolean {
  const reading = collected.hmc?.ok ? collected.hmc.facts.dlparCapabilities : undefined;
  return reading?.kind === 'failure' && /^An invalid attribute was entered\b/.test(reading.failure.message);
}

function valuesOf(row: HmcRow): readonly (string | undefined)[] {
  return capabilityNames.map((name) => row[name]);
}

function inWords(sight: Sight): string {
  if (sight.capabilities.kind !== 'found') return 'not told';
  return `${valuesOf(sight.capabilities.row).join(', ')} (memory, processors, I/O)`;
}

function capabilityEvidence(sight: Sight): Draft['evidence'] {
  const hmc = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  return lacksAttributes(sight) ? [] : showing(hmc?.dlparCapabilities, isRowOf(sight));
}

function runs(sight: Sight): boolean {
  return sight.partition.kind === 'found' && sight.partition.row.state === 'Running';
}

function disagreement(sight: Sight): Draft {
  const rmcState = sight.partition.kind === 'found' ? String(sight.partition.row.rmc_state) : 'not read';
  const { dlpar } = sight;
  const listed =
    dlpar.kind === 'found' ? `Active:<${dlpar.row.active}>, DCaps:<${dlpar.row.dcaps}>` : 'no entry';
  const hmc = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  return {
    id: 'rmc.hmc-views-disagree',
    severity: 'crit',
    title: `The HMC contradicts itself about ${sight.target.name}: its two views of RMC do not agree.`,
    expected: 'lssyscfg and lspartition agree',
    observed: `lssyscfg says rmc_state ${rmcState}, lspartition says ${listed}`,
    evidence: [...showing(hmc?.partitions, isRowOf(sight)), ...dlparEvidence(sight)],
    fixes: curesOf('rmc.hmc-views-disagree'),
  };
}

/** Tells the LPAR's own line of an lssyscfg list that begins with the LPAR id. */
function isRowOf(sight: Sight): (line: string) => boolean {
  const lparId = 'lparId' in sight.identity ? String(sight.identity.lparId) : '';
  return (line) => hasWord(lparId)(line.split(',')[0] ?? '');
}

function dlparEvidence(sight: Sight): Draft['evidence'] {
  const hmc = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  const { dlpar } = sight;
  if (dlpar.kind !== 'found') return hmc === null ? [] : [hmc.dlpar.evidence];
  return showingEntry(hmc?.dlpar, `${dlpar.row.lparId}*${dlpar.row.machineType}*${dlpar.row.serial}`);
}
