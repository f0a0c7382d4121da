import { connectionSymptoms, showing, hasWord, type Draft, type Rule } from './rule.js';
import type { Sight } from './sight.js';

/**
 * States in which no operating system runs, so that no RMC is to be expected. `Error` is not one of them: the LPAR
 * runs and needs attention. Words that are not known here (another locale, a newer HMC) are not guessed at.
 * Source: HMC help, "Partition Properties, State".
 */
export const stoppedStates: readonly string[] = [
  'Not Activated',
  'Open Firmware',
  'Starting',
  'Shutting Down',
  'Shutting down',
  'Hardware Discovery',
  'Suspended',
  'Migrating - Not Activated',
  'Migrating - Not Active',
];

/** States in which the HMC cannot work with the managed system. Source: SDMC Redbook, "State mappings between HMC and SDMC". */
const disconnectedStates: readonly string[] = [
  'No Connection',
  'Connecting',
  'Failed Authentication',
  'Pending Authentication',
  'Pending Authentication - Password Updates Required',
  'Incomplete',
  'Recovery',
  'Error',
  'Error - Terminated',
  'Error - Dump In Progress',
  'Version Mismatch',
];

/** States in which the managed system itself is off, so that its LPARs are too: expected, and no broken link. Same source. */
const poweredOffStates: readonly string[] = ['Power Off', 'Power Off In Progress', 'Initializing', 'Standby'];

/** Everything about RMC that is beside the point while no operating system of ours runs. */
const allOfRmc = [
  ...connectionSymptoms,
  'rmc.heartbeat-down:closed',
  'rmc.heartbeat-down:queued',
  'rmc.daemon-down',
  'rmc.drm-down',
  'rmc.stale-hmc-entry',
  'fact.unreadable:hmc.dlparCapabilities',
];

/** Row 1: the LPAR does not run. Nothing is wrong with RMC then, and nothing can be asked of the node. */
export const lparNotRunning: Rule = {
  row: '1',
  explains: ['node.unreachable', 'rmc.system-disconnected:off', ...allOfRmc],
  find(sight) {
    if (sight.partition.kind !== 'found' || !stoppedStates.includes(sight.partition.row.state ?? ''))
      return [];
    const { state } = sight.partition.row;
    return [
      {
        id: 'rmc.lpar-not-running',
        severity: 'warn',
        title: `${sight.target.name} is not running. This is not a fault of RMC.`,
        expected: 'the LPAR is Running',
        observed: `the HMC says ${String(state)}`,
        evidence: partitionEvidence(sight),
        fixes: [],
      },
    ];
  },
};

/** Row 2: the HMC has no working link to the managed system; RMC cannot work without it. */
export const systemDisconnected: Rule = {
  row: '2',
  explains: [
    ...connectionSymptoms,
    'rmc.stale-hmc-entry',
    'fact.unreadable:hmc.partitions',
    'fact.unreadable:hmc.dlparCapabilities',
    'fact.unreadable:hmc.dlpar',
    'fact.unreadable:lpar-state',
    'fact.unreadable:lpar-missing',
    'fact.unreadable:system-connection',
  ],
  find(sight) {
    if (sight.system.kind !== 'found') return [];
    const { state = '' } = sight.system.row;
    const isOff = poweredOffStates.includes(state);
    const isBroken = disconnectedStates.includes(state);
    const isUnlinked = connectionOf(sight) === 'none';
    if (!isOff && !isBroken && !isUnlinked) return [];
    const system = sight.target.system?.hmcName ?? '';
    return [
      {
        id: 'rmc.system-disconnected',
        ...(isOff && { symptom: 'rmc.system-disconnected:off' }),
        severity: 'crit',
        title: `The HMC cannot work with ${system}, so RMC on ${sight.target.name} cannot work either.`,
        expected: 'the managed system is Operating, and the HMC’s connection to it is Connected',
        observed: `the HMC says ${state}, and of its connections: ${connectionWords(sight)}`,
        evidence: [...systemEvidence(sight), ...(isUnlinked ? connectionEvidence(sight) : [])],
        fixes: [],
      },
    ];
  },
};

/** Of two service processors one is enough: that the other is not connected is worth a word. */
export const oneLinkDown: Rule = {
  row: '2, one of two',
  explains: [],
  find(sight) {
    if (connectionOf(sight) !== 'some') return [];
    return [
      {
        id: 'rmc.system-disconnected',
        symptom: 'rmc.system-disconnected:one',
        severity: 'ok',
        title: `The HMC is connected to ${sight.target.system?.hmcName ?? ''} by one of its service processors only.`,
        expected: 'every connection Connected',
        observed: connectionWords(sight),
        evidence: connectionEvidence(sight),
        fixes: [],
      },
    ];
  },
};

/** Whether the HMC has a working connection to the managed system. */
export function isLinked(sight: Sight): boolean {
  return ['all', 'some'].includes(connectionOf(sight));
}

/** How many of the HMC's connections to the system are Connected; `unread` also where it lists none for it. */
function connectionOf({ connections }: Sight): 'all' | 'some' | 'none' | 'unread' {
  if (connections === null || connections.length === 0) return 'unread';
  const isUp = connections.filter((row) => row.state === 'Connected').length;
  return isUp === connections.length ? 'all' : isUp > 0 ? 'some' : 'none';
}

function connectionWords({ connections }: Sight): string {
  if (connections === null) return 'not read';
  if (connections.length === 0) return 'none listed';
  return connections
    .map(({ state, connection_error_code: code }) => [state, code].filter(Boolean).join(', '))
    .join('; ');
}

function connectionEvidence({ collected, system }: Sight): Draft['evidence'] {
  const facts = collected.hmc?.ok ? collected.hmc.facts : null;
  const machine =
    system.kind === 'found' ? `${String(system.row.type_model)}*${String(system.row.serial_num)}` : '';
  return showing(facts?.systemConnections, (line) => line.includes(machine));
}

/** Row 4: IBM i. It has limited RMC only and is no AIX to log in to. */
export const limitedOs: Rule = {
  row: '4',
  explains: [
    'node.unreachable',
    'node.login-refused',
    'fact.unreadable:node',
    'rsct.not-installed',
    ...allOfRmc,
  ],
  find(sight) {
    if (sight.partition.kind !== 'found' || sight.partition.row.lpar_env !== 'os400') return [];
    return [
      {
        id: 'rmc.limited-os',
        severity: 'warn',
        title: `${sight.target.name} is an IBM i LPAR: RMC is limited there, and DLPAR does not go through it.`,
        expected: 'an AIX or VIOS LPAR (lpar_env aixlinux or vioserver)',
        observed: 'lpar_env is os400',
        evidence: partitionEvidence(sight),
        fixes: [],
      },
    ];
  },
};

/** The HMC's own words for states that are in neither list: they make the verdict unknown. */
export const stateNotUnderstood: Rule = {
  row: 'states',
  explains: [],
  find(sight) {
    const drafts: Draft[] = [];
    if (sight.system.kind === 'found') {
      const { state = '' } = sight.system.row;
      if (state !== 'Operating' && ![...disconnectedStates, ...poweredOffStates].includes(state))
        drafts.push(
          unclear(
            'system-state',
            `managed system ${String(sight.target.system?.hmcName)}`,
            'Operating',
            state,
            systemEvidence(sight),
          ),
        );
    }
    if (sight.connections?.length === 0)
      drafts.push(
        unclear(
          'system-connection',
          `HMC’s connection to ${String(sight.target.system?.hmcName)}`,
          'Connected',
          'lssysconn does not list it',
          connectionEvidence(sight),
        ),
      );
    if (sight.partition.kind === 'found') {
      const { state = '' } = sight.partition.row;
      if (state !== 'Running' && !stoppedStates.includes(state))
        drafts.push(
          unclear('lpar-state', `LPAR of ${sight.target.name}`, 'Running', state, partitionEvidence(sight)),
        );
    }
    return drafts;
  },
};

function unclear(
  symptom: string,
  what: string,
  expected: string,
  state: string,
  evidence: Draft['evidence'],
): Draft {
  return {
    id: 'fact.unreadable',
    symptom: `fact.unreadable:${symptom}`,
    severity: 'unknown',
    title: `The state of the ${what} cannot be judged.`,
    expected,
    observed: state === '' ? 'no state' : state,
    evidence,
    fixes: [],
  };
}

function partitionEvidence(sight: Sight): Draft['evidence'] {
  const facts = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  const id = 'lparId' in sight.identity ? String(sight.identity.lparId) : '';
  return showing(facts?.partitions, (line) => line.startsWith(`${id},`));
}

function systemEvidence(sight: Sight): Draft['evidence'] {
  const facts = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  return showing(facts?.systems, hasWord(sight.target.system?.hmcName ?? ''));
}
