import { hasWord, showing, showingEntry, type Draft, type Rule } from './rule.js';
import { hasNoDlparCapability, type Sight } from './sight.js';

/**
 * Row 3: lspartition has the connection, lssyscfg does not: the HMC's two caches disagree.
 * Source: RSCT 3.2, "Checking the status of the RMC connections on the HMC".
 */
export const viewsDisagree: Rule = {
  row: '3',
  explains: [],
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

/** Row 17 without its usual cause: the HMC is connected and holds no DLPAR capability, though IBM.DRM runs. */
export const dlparNotCapable: Rule = {
  row: '17, DCaps',
  explains: [],
  find(sight) {
    if (!runs(sight) || sight.dlpar.kind !== 'found') return [];
    const { row } = sight.dlpar;
    if (row.active < 1 || !hasNoDlparCapability(row)) return [];
    return [
      {
        id: 'rmc.dlpar-not-capable',
        severity: 'crit',
        title: `The HMC is connected to ${sight.target.name} but sees no DLPAR capability.`,
        expected: 'DCaps other than 0x0',
        observed: `Active:<${row.active}>, DCaps:<${row.dcaps}>`,
        evidence: dlparEvidence(sight),
        fixes: ['rmc-restart'],
      },
    ];
  },
};

function runs(sight: Sight): boolean {
  return sight.partition.kind === 'found' && sight.partition.row.state === 'Running';
}

function disagreement(sight: Sight): Draft {
  const rmcState = sight.partition.kind === 'found' ? String(sight.partition.row.rmc_state) : 'not read';
  const { dlpar } = sight;
  const listed =
    dlpar.kind === 'found' ? `Active:<${dlpar.row.active}>, DCaps:<${dlpar.row.dcaps}>` : 'no entry';
  const hmc = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  const lparId = 'lparId' in sight.identity ? String(sight.identity.lparId) : '';
  return {
    id: 'rmc.hmc-views-disagree',
    severity: 'crit',
    title: `The HMC contradicts itself about ${sight.target.name}: its two views of RMC do not agree.`,
    expected: 'lssyscfg and lspartition agree',
    observed: `lssyscfg says rmc_state ${rmcState}, lspartition says ${listed}`,
    evidence: [
      ...showing(hmc?.partitions, (line) => hasWord(lparId)(line.split(',')[0] ?? '')),
      ...dlparEvidence(sight),
    ],
    // hmc-rebuild-system is what fits; it is offered once there is such a fix.
    fixes: [],
  };
}

function dlparEvidence(sight: Sight): Draft['evidence'] {
  const hmc = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  const { dlpar } = sight;
  if (dlpar.kind !== 'found') return hmc === null ? [] : [hmc.dlpar.evidence];
  return showingEntry(hmc?.dlpar, `${dlpar.row.lparId}*${dlpar.row.machineType}*${dlpar.row.serial}`);
}
