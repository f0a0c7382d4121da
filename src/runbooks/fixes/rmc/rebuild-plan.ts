import type { OdmObject } from '../../../aix/odmget.js';
import type { Check, NodeStep, Plan, Rollback, Step, WaitStep } from '../../../core/plan.js';
import type { Sight } from '../../diagnostics/rmc/sight.js';
import { rebuildGates } from './gates.js';
import { identityBasis, locksOf } from './ground.js';
import { rebuildCaptures } from './rebuild-captures.js';
import type { NodeIds } from './rebuild-ids.js';
import type { Rebuild } from './rebuild-words.js';
import { addToOdm, deleteCluster0, printCluster0, rebuild, saveRsctData } from './recfgct.js';
import { addAndStartRmc, enableRemoteClients, stopRmc } from './rmcctrl.js';
import { stoppedByRmcctrl } from './stopped.js';

/** A rebuild for which everything is proven that must be. */
export interface Proven {
  readonly sight: Sight;
  readonly words: readonly string[];
  readonly asked: Rebuild & { readonly mode: 'new' | 'set' | 'keep' };
  readonly ids: NodeIds;
  /** Nodes that have the same ID now. */
  readonly twins: readonly string[];
  /** The stanzas of cluster0, where they are to be removed. */
  readonly cluster0: readonly OdmObject[];
  /** What proves the need, in words. */
  readonly because: readonly string[];
}

export const interrupts =
  'All RSCT data of the node is removed and made new: trusted hosts and keys, RMC access lists, conditions and responses. ' +
  'RMC, DLPAR and the link to the HMC are away twice, for seconds to minutes, and the HMC may take up to 15 minutes to know the node again. ' +
  'Workload on the LPAR is not touched.';

/** The plan of a rebuild; the same proof gives the same bytes. */
export function rebuildPlan(proven: Proven): Plan {
  const { sight, asked, twins } = proven;
  const { name } = sight.target;
  return {
    version: 1,
    fix: 'rsct-rebuild',
    title: `Rebuild RSCT on ${name}, ${titles[asked.mode]}`,
    risk: 'high',
    target: name,
    args: proven.words,
    basis: basisOf(proven),
    interrupts,
    captures: rebuildCaptures,
    steps: stepsOf(proven),
    verify: { kind: 'checks', checks: checksOf(proven), reads: 2 },
    rollback: rollbackOf(proven),
    locks: [...new Set([...locksOf(sight), ...twins.map((twin) => `node:${twin}`)])].sort(),
  };
}

const titles = {
  new: 'with a new node ID',
  set: 'with a given node ID',
  keep: 'keeping its node ID',
} as const;

function basisOf({ sight, ids, because, asked, cluster0 }: Proven): readonly string[] {
  const place = (id: string | null) => id ?? 'lost';
  return [
    identityBasis(sight),
    `node ID: lsnodeid ${place(ids.said)}, /etc/ct_node_id ${place(ids.etc)}, /var/ct/cfg/ct_node_id ${place(ids.cfg)}`,
    ...because,
    'in no peer domain, online or defined; no CAA, PowerHA, System Automation, Storage Scale or VM Recovery Manager; no VIOS',
    'no condition has a response, and there is no access list of its own',
    sight.target.endpoint.become === null
      ? 'a copy of /var/ct fits into the free space of /var/adm'
      : 'the copy of /var/ct goes into the home folder of the login user; where it does not fit, nothing is rebuilt',
    ...(asked.deleteCluster0
      ? [`cluster0 has ${cluster0.length} objects in CuAt, and no CAA cluster, running or stopped, is here`]
      : []),
  ];
}

function stepsOf(proven: Proven): readonly Step[] {
  return [saveRsct(proven.sight, '/var/ct'), settle(proven.sight), doRebuild(proven)];
}

/** RSCT is stopped for a copy that is of one moment, and started again before anything else: the gates need it running. */
export function saveRsct(sight: Sight, what: string): NodeStep {
  return {
    id: 'save',
    title: `Stop RMC, save ${what} as var-ct.tar in the run directory, start RMC again`,
    effect: 'once',
    commands: [
      {
        command: stopRmc,
        always: false,
        mayFail: true,
        waitUntilStopped: { subsystems: stoppedByRmcctrl(sight), timeoutMs: 60_000 },
      },
      { command: saveRsctData, always: false },
      { command: addAndStartRmc, always: true },
      { command: enableRemoteClients, always: true },
    ],
    timeoutMs: 540_000,
    gates: rebuildGates,
  };
}

function settle({ target }: Sight): WaitStep {
  return {
    kind: 'wait',
    id: 'settle',
    title: `Let RMC on ${target.name} come up again, so that it can answer what the gates ask`,
    atLeastMs: 30_000,
    everyMs: 15_000,
    until: [{ kind: 'reached' }],
    timeoutMs: 900_000,
  };
}

function doRebuild({ asked, cluster0 }: Proven): NodeStep {
  const removes = asked.deleteCluster0 && cluster0.length > 0;
  return {
    id: 'rebuild',
    title: removes
      ? 'Save and remove cluster0 from the ODM, rebuild RSCT, enable remote clients'
      : 'Rebuild RSCT, enable remote clients',
    effect: 'irreversible',
    commands: [
      ...(removes
        ? [
            { command: printCluster0, always: false },
            { command: deleteCluster0, always: false },
          ]
        : []),
      ...rebuild(argumentsOf(asked)),
    ],
    timeoutMs: 360_000,
    gates: rebuildGates,
  };
}

function argumentsOf({ mode, nodeId }: Proven['asked']): readonly string[] {
  if (mode === 'set') return ['-i', nodeId ?? ''];
  return mode === 'new' ? ['-n'] : ['-s'];
}

function checksOf({ asked, ids }: Proven): readonly Check[] {
  const active: Check = { kind: 'rmc-active' };
  const is = (nodeId: string): Check => ({ kind: 'node-id', nodeId, places: 'all-three' });
  if (asked.mode === 'set' && asked.nodeId !== null) return [is(asked.nodeId), active];
  if (asked.mode === 'keep' && ids.etc !== null) return [is(ids.etc), active];
  // What the new ID is nobody knows before; that the three places agree is part of `rmc-active`.
  return ids.said === null ? [active] : [{ kind: 'node-id-is-not', nodeId: ids.said }, active];
}

const restPlace =
  'Everything else that was below /var/ct is in var-ct.tar in the run directory; that putting it back works is not proven, so it is left to a person.';

function rollbackOf(proven: Proven): Rollback {
  const { asked, ids, cluster0, twins, sight } = proven;
  const old = ids.said;
  if (asked.mode === 'keep') return { kind: 'none', reason: `The node ID stays as it is. ${restPlace}` };
  if (old === null)
    return { kind: 'none', reason: `${sight.target.name} had no node ID to go back to. ${restPlace}` };
  const again =
    twins.length === 0
      ? ''
      : ` ${twins.join(', ')} and ${sight.target.name} then have the same node ID again.`;
  const back = asked.deleteCluster0 && cluster0.length > 0;
  return {
    kind: 'steps',
    steps: [
      {
        id: 'rebuild-back',
        title: back
          ? 'Rebuild RSCT with the old node ID, put cluster0 back'
          : 'Rebuild RSCT with the old node ID',
        effect: 'irreversible',
        commands: [
          ...rebuild(['-i', old]),
          // Last: while cluster0 is there it may decide what ID recfgct gives.
          ...(back ? [{ command: addToOdm, always: false, stdin: stanzas(cluster0) }] : []),
        ],
        timeoutMs: 360_000,
        gates: rebuildGates,
      },
    ],
    verify: { kind: 'checks', checks: [{ kind: 'node-id', nodeId: old, places: 'all-three' }], reads: 2 },
    note: `Only the node ID ${old} comes back.${again} ${restPlace}`,
  };
}

/** The objects as odmadd takes them: strings quoted, the two numbers of CuAt bare. */
function stanzas(objects: readonly OdmObject[]): string {
  return objects
    .map((one) => {
      const fields = Object.entries(one.attributes).map(
        ([name, value]) => `\t${name} = ${literal(name, value)}\n`,
      );
      return `${one.class}:\n${fields.join('')}`;
    })
    .join('\n');
}

function literal(name: string, value: string): string {
  if (name === 'nls_index') return value;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
