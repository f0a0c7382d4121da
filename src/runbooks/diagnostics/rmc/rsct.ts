import type { Reading } from '../../../core/fact.js';
import type { Draft, Rule } from './rule.js';
import { curesOf } from './cures.js';
import { answeredByRmc, connectionSymptoms, hasWord, showing } from './rule.js';
import { isConnected } from './follow-up.js';
import { missingForHealth } from './health.js';
import { judgeLevel, levelsOf, rmcLevel, type LevelJudgement } from './levels.js';
import { statusOf, valueOf, type Sight } from './sight.js';

const withoutRmc = [...answeredByRmc, ...connectionSymptoms, 'rmc.heartbeat-down:queued', 'rmc.drm-down'];

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

/** Row 6: an RSCT that is too old for RMC to its HMC, or that needs an APAR. Where RMC is up all the same it is a warning. */
export const levelTooOld: Rule = {
  row: '6',
  explains: [
    ...withoutRmc,
    'rmc.heartbeat-down:closed',
    'rmc.daemon-down',
    'rmc.ipv6-link-local-missing',
    'rsct.level-below-recommended',
  ],
  find(sight) {
    const found = levelOf(sight);
    if (found === null || (found.kind !== 'too-old' && found.kind !== 'needs-apar')) return [];
    const { name } = sight.target;
    const isUp = missingForHealth(sight).length === 0;
    return [
      {
        id: 'rsct.level-too-old',
        severity: isUp ? 'warn' : 'crit',
        title:
          found.kind === 'too-old'
            ? `RSCT on ${name} is too old for RMC: update rsct.core by the usual AIX maintenance.`
            : `RSCT on ${name} is at a level at which RMC needs an APAR: check for it, or update rsct.core.`,
        expected:
          found.kind === 'too-old'
            ? `rsct.core.rmc at least ${found.minimum}`
            : 'rsct.core.rmc other than 3.1.5.0 and 3.2.0.0, or the APAR for it',
        observed: `rsct.core.rmc ${found.level}`,
        evidence: filesetEvidence(sight),
        fixes: [],
      },
    ];
  },
};

/** A note beside everything else: it asks for attention only where nothing else does. */
export const levelBelowRecommended: Rule = {
  row: '6, note',
  explains: [],
  find(sight) {
    const found = levelOf(sight);
    if (found?.kind !== 'below-recommended') return [];
    return [
      {
        id: 'rsct.level-below-recommended',
        severity: 'warn',
        title: `RSCT on ${sight.target.name} works, and a newer level is recommended.`,
        expected: `rsct.core.rmc at least ${found.recommended} (recommended)`,
        observed: `rsct.core.rmc ${found.level}`,
        evidence: filesetEvidence(sight),
        fixes: [],
      },
    ];
  },
};

function levelOf(sight: Sight): (LevelJudgement & { readonly level: string }) | null {
  const { target, collected } = sight;
  const filesets = collected.node.ok ? valueOf(collected.node.facts.filesets) : null;
  const level = filesets === null ? null : rmcLevel(filesets);
  if (level === null) return null;
  return { ...judgeLevel(level, target.platform, levelsOf(collected.rsctLevels)), level };
}

function filesetEvidence(sight: Sight): Draft['evidence'] {
  const { node } = sight.collected;
  return node.ok ? showing(node.facts.filesets, (line) => line.includes('rsct.core.rmc')) : [];
}

/**
 * Row 7: ctrmc is on file and does not run, or it runs and what keeps the management domain does not. That is
 * IBM.MgmtDomainRM; in the days of CSM it was IBM.CSMAgentRM and IBM.DMSRM. Source: IBM technote T1020611.
 */
export const daemonDown: Rule = {
  row: '7',
  explains: withoutRmc,
  find(sight) {
    const name = stoppedSubsystem(sight);
    if (name === null) return [];
    const status = statusOf(sight, name) ?? '';
    const stopped = status === 'inoperative';
    return [
      {
        id: 'rmc.daemon-down',
        // Starting and stopping pass by themselves: asking again tells more than a restart.
        severity: stopped ? 'crit' : 'unknown',
        title: stopped
          ? `RMC is stopped on ${sight.target.name}${name === 'ctrmc' ? '' : `: ${name} does not run`}.`
          : `RMC on ${sight.target.name} is between two states.`,
        expected: `${name} active`,
        observed: `${name} ${status}`,
        evidence: subsystemEvidence(sight, name),
        fixes: stopped ? curesOf('rmc.daemon-down') : [],
      },
    ];
  },
};

const managementDomain = ['IBM.MgmtDomainRM', 'IBM.CSMAgentRM', 'IBM.DMSRM'];

function stoppedSubsystem(sight: Sight): string | null {
  const status = statusOf(sight, 'ctrmc');
  if (status === null || status === 'absent') return null;
  if (status !== 'active') return 'ctrmc';
  // What shows the connection up shows that its manager runs, by whatever name, or in band.
  if (isConnected(sight)) return null;
  const found = managementDomain.filter((name) => statusOf(sight, name) !== 'absent');
  const isOneActive = found.some((name) => statusOf(sight, name) === 'active');
  return isOneActive ? null : (found[0] ?? null);
}

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
        fixes: stopped ? curesOf('rmc.drm-down') : [],
      },
    ];
  },
};

/** lslpp words this without a number on some levels; under LC_ALL=C the words are these. */
function saysNotInstalled(reading: Reading<unknown> | undefined): boolean {
  return reading?.kind === 'failure' && /not installed/i.test(reading.failure.message);
}

function subsystemEvidence(sight: Sight, name: string): Draft['evidence'] {
  return sight.collected.node.ok ? showing(sight.collected.node.facts.subsystems, hasWord(name)) : [];
}
