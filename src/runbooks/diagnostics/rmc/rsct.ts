import type { Reading } from '../../../core/fact.js';
import type { Draft, Rule } from './rule.js';
import { answeredByRmc, hasWord, showing } from './rule.js';
import { statusOf, valueOf, type Sight } from './sight.js';

const withoutRmc = [
  ...answeredByRmc,
  'rmc.hmc-views-disagree',
  'rmc.not-registered',
  'rmc.heartbeat-down',
  'rmc.pending-authentication',
  'rmc.drm-down',
  'rmc.dlpar-not-capable',
];

/** Row 5: RSCT is not there. `ctrmc` missing from `lssrc -a` is what 0513-085 "not on file" says of one subsystem. */
export const notInstalled: Rule = {
  row: '5',
  explains: [
    ...withoutRmc,
    'rmc.daemon-down',
    'rsct.node-id-mismatch',
    'fact.unreadable:node.nodeId',
    'fact.unreadable:node.nodeIdEtc',
    'fact.unreadable:node.nodeIdCfg',
    'fact.unreadable:node.filesets',
  ],
  find(sight) {
    const node = sight.collected.node.ok ? sight.collected.node.facts : null;
    const filesets = valueOf(node?.filesets);
    const lacksFileset =
      saysNotInstalled(node?.filesets) ||
      (filesets !== null && !filesets.some((fileset) => fileset.fileset === 'rsct.core.rmc'));
    const lacksSubsystem = statusOf(sight, 'ctrmc') === 'absent';
    if (!lacksFileset && !lacksSubsystem) return [];
    const missing = [lacksFileset && 'the fileset rsct.core.rmc', lacksSubsystem && 'the subsystem ctrmc'];
    return [
      {
        id: 'rsct.not-installed',
        severity: 'crit',
        title: `RSCT is not installed or not configured on ${sight.target.name}.`,
        expected: 'the fileset rsct.core.rmc and the subsystem ctrmc',
        observed: `missing: ${missing.filter((word) => word !== false).join(' and ')}`,
        evidence: [
          ...(lacksFileset ? showing(node?.filesets, (line) => line.includes('rsct.')) : []),
          ...(lacksSubsystem ? showing(node?.subsystems, (line) => line.includes('rsct')) : []),
        ],
        fixes: [],
      },
    ];
  },
};

/** Row 7: ctrmc is on file and does not run. */
export const daemonDown: Rule = {
  row: '7',
  explains: withoutRmc,
  find(sight) {
    const status = statusOf(sight, 'ctrmc');
    if (status === null || status === 'absent' || status === 'active') return [];
    const stopped = status === 'inoperative';
    return [
      {
        id: 'rmc.daemon-down',
        // Starting and stopping pass by themselves: asking again tells more than a restart.
        severity: stopped ? 'crit' : 'unknown',
        title: stopped
          ? `RMC is stopped on ${sight.target.name}.`
          : `RMC on ${sight.target.name} is between two states.`,
        expected: 'ctrmc active',
        observed: `ctrmc ${status}`,
        evidence: subsystemEvidence(sight, 'ctrmc'),
        fixes: stopped ? ['rmc-restart'] : [],
      },
    ];
  },
};

/** Row 10: the node ID is not the same in the three places that hold it, or is lost (2641-036). */
export const nodeIdMismatch: Rule = {
  row: '10',
  explains: [
    'fact.unreadable:node.nodeId',
    'rmc.not-registered',
    'rmc.heartbeat-down',
    'rmc.pending-authentication',
  ],
  find(sight) {
    if (!sight.collected.node.ok) return [];
    const { nodeId, nodeIdEtc, nodeIdCfg } = sight.collected.node.facts;
    const readings = [nodeId, nodeIdEtc, nodeIdCfg];
    const ids = readings.map(valueOf).filter((value) => value !== null);
    const lost = isLost(nodeId);
    if (!lost && new Set(ids.map((id) => sameForm(id.nodeId))).size < 2) return [];
    return [
      {
        id: 'rsct.node-id-mismatch',
        severity: 'crit',
        title: `The RSCT node ID of ${sight.target.name} is ${lost ? 'lost' : 'not the same everywhere'}.`,
        expected: 'one node ID in lsnodeid, /etc/ct_node_id and /var/ct/cfg/ct_node_id',
        observed: lost ? '2641-036: no node ID is assigned' : ids.map((id) => id.nodeId).join(', '),
        evidence: readings.flatMap((reading) => showing(reading, () => true)),
        fixes: [],
      },
    ];
  },
};

/** Row 17: RMC runs and IBM.DRM, which carries out DLPAR, does not. */
export const drmDown: Rule = {
  row: '17',
  explains: ['rmc.dlpar-not-capable'],
  find(sight) {
    const status = statusOf(sight, 'IBM.DRM');
    if (status === null || status === 'active' || statusOf(sight, 'ctrmc') !== 'active') return [];
    const stopped = status === 'inoperative' || status === 'absent';
    return [
      {
        id: 'rmc.drm-down',
        severity: stopped ? 'crit' : 'unknown',
        title: `The DLPAR resource manager IBM.DRM does not run on ${sight.target.name}, so DLPAR cannot work.`,
        expected: 'IBM.DRM active',
        observed: status === 'absent' ? 'IBM.DRM is not on file' : `IBM.DRM ${status}`,
        evidence: subsystemEvidence(sight, 'IBM.DRM'),
        fixes: stopped ? ['rmc-restart'] : [],
      },
    ];
  },
};

/** lslpp words this without a number on some levels; under LC_ALL=C the words are these. */
function saysNotInstalled(reading: Reading<unknown> | undefined): boolean {
  return reading?.kind === 'failure' && /not installed/i.test(reading.failure.message);
}

function isLost(reading: Reading<unknown> | undefined): boolean {
  return reading?.kind === 'failure' && reading.failure.code === '2641-036';
}

function subsystemEvidence(sight: Sight, name: string): Draft['evidence'] {
  return sight.collected.node.ok ? showing(sight.collected.node.facts.subsystems, hasWord(name)) : [];
}

/** Node IDs are compared as 16 lower-case digits: recfgct takes 9 to 16 of either case. */
function sameForm(id: string): string {
  return id.toLowerCase().replace(/^0x/, '').padStart(16, '0');
}
