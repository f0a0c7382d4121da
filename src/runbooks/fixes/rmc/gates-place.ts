import { isAtRest } from '../../../hmc/lslparmigr.js';
import { saysNoSuchFile } from '../../../aix/ls.js';
import type { Endpoint } from '../../../core/target.js';
import type { HmcRow } from '../../../hmc/lssyscfg.js';
import { statusOf, valueOf } from '../../diagnostics/rmc/sight.js';
import { firstUnread, technote, unread, unreadOnHmc, type Gate, type GateSight } from './gate.js';

const hmcPage = 'RSCT 3.2, "Checking the status of the RMC connections on the HMC"';

/** Power Virtual Server has no HMC of ours; what only an HMC knows is then IBM's to see to. */
function hasNoHmc({ target, hmc }: GateSight): boolean {
  return target.platform === 'powervs' && hmc === null;
}

/** G5: a VIOS may serve a shared storage pool, and its twin may be down; neither can be proven not to be so. */
export const noVios: Gate = {
  gate: 'G5',
  needs: { node: ['subsystems', 'partition'], hmc: ['partitions'] },
  source: technote,
  test: (sight) => {
    const { name } = sight.target;
    if (!['absent', null].includes(statusOf(sight, 'vio_daemon')))
      return `${name} is a VIOS (vio_daemon is on file): whether it is in a shared storage pool, or its twin is down, cannot be seen.`;
    if (hasNoHmc(sight)) {
      const why = firstUnread(sight, ['subsystems']);
      return why === null ? null : `Nobody can say whether ${name} is a VIOS: ${why}.`;
    }
    if (sight.partition.kind !== 'found') {
      const why = unreadOnHmc(sight, 'partitions') ?? 'the HMC does not list it';
      return `Nobody can say whether ${name} is a VIOS: ${why}.`;
    }
    const env = sight.partition.row['lpar_env'];
    if (env === 'aixlinux') return null;
    if (env !== 'vioserver') return `${name} is neither AIX nor a VIOS to the HMC (lpar_env ${String(env)}).`;
    return `${name} is a VIOS: whether it is in a shared storage pool, or its twin is down, cannot be seen.`;
  },
};

/** G8 for a change on a node: its managed system is operating and the LPAR is not being moved. */
export const notMoving: Gate = {
  gate: 'G8',
  needs: { node: ['partition'], hmc: ['systems', 'migrations'] },
  source: 'IBM Power Systems HMC commands, lslparmigr and lssyscfg',
  test: (sight) => {
    if (hasNoHmc(sight)) return null;
    const { name } = sight.target;
    const rows = migrationsOf(sight);
    if (typeof rows === 'string') return rows;
    if (sight.identity.kind !== 'confirmed')
      return `Nobody can say whether ${name} is being moved: it did not prove which LPAR it is.`;
    const lparId = String(sight.identity.lparId);
    const own = rows.filter((row) => row['lpar_id'] === lparId);
    if (own.length !== 1)
      return `Nobody can say whether ${name} is being moved: lslparmigr lists its LPAR id ${own.length} times.`;
    const moving = own.find((row) => !isAtRest(row));
    if (moving !== undefined)
      return `${name} is being moved: its migration state is ${String(moving['migration_state'])}.`;
    return notOperating(sight);
  },
};

/** G8 for a change on the HMC: nothing on the whole managed system is being moved. */
export const nothingMoving: Gate = {
  ...notMoving,
  needs: { node: [], hmc: ['systems', 'migrations'] },
  test: (sight) => {
    const rows = migrationsOf(sight);
    if (typeof rows === 'string') return rows;
    const moving = rows.find((row) => !isAtRest(row));
    if (moving !== undefined)
      return `LPAR ${String(moving['name'])} on the managed system of ${sight.target.name} is being moved: its migration state is ${String(moving['migration_state'])}.`;
    return notOperating(sight);
  },
};

function migrationsOf(sight: GateSight): readonly HmcRow[] | string {
  const { name, system } = sight.target;
  if (system === null || sight.hmc === null) return `No HMC of ours sees the managed system of ${name}.`;
  const rows = valueOf(sight.hmc.migrations);
  if (rows !== null) return rows;
  return `Nobody can say whether an LPAR is being moved: ${unreadOnHmc(sight, 'migrations') ?? 'nothing was read'}; this is for ${name}.`;
}

function notOperating({ target, system }: GateSight): string | null {
  if (system.kind !== 'found')
    return `The HMC did not say how the managed system of ${target.name} is (${target.system?.hmcName ?? 'none'}).`;
  const state = String(system.row['state']);
  return state === 'Operating' ? null : `The managed system of ${target.name} is ${state}, not Operating.`;
}

/** G9: nothing that RMC keeps for its users would be lost: no condition has a response, and the access list is IBM's. */
export const noConsumers: Gate = {
  gate: 'G9',
  needs: { node: ['conditionResponses', 'rmcAcls'], hmc: [] },
  source: 'RSCT 3.2 recfgct, lscondresp and ctrmc.acls man pages',
  test: (sight) => {
    const { name } = sight.target;
    const cannotSay = (why: string) => `Nobody can say what else uses RMC on ${name}: ${why}.`;
    const why = unread(sight, 'conditionResponses');
    if (why !== null) return cannotSay(why);
    const [link] = valueOf(sight.node.conditionResponses) ?? [];
    if (link !== undefined)
      return `${name} monitors with RMC (condition "${link.condition}", response "${link.response}"): a rebuild loses it, and nothing proves that it comes back. Keep a copy, remove the association, and ask again.`;
    const acls = sight.node.rmcAcls;
    if (acls?.kind === 'value')
      return `${name} has its own access list (${acls.value.path}): a rebuild loses it. Keep a copy, move it away, and ask again.`;
    if (acls?.kind === 'failure' && saysNoSuchFile(acls.failure)) return null;
    return cannotSay(unread(sight, 'rmcAcls') ?? 'its access list was not read');
  },
};

/**
 * G10: the node is the LPAR that is meant. By LPAR id from both `uname -L` and the inventory; where the inventory has
 * none, by the LPAR name that `uname -L` and the HMC both give that id. It is also not the way to its own HMC.
 */
export const sameLpar: Gate = {
  gate: 'G10',
  needs: { node: ['partition'], hmc: ['systems', 'partitions'] },
  source: hmcPage,
  test: (sight) => otherLpar(sight) ?? ownPath(sight),
};

function otherLpar(sight: GateSight): string | null {
  const { target, identity, partition } = sight;
  if (identity.kind === 'contradiction')
    return `${target.name} says that its LPAR id is ${identity.said}; the inventory says ${String(identity.expected ?? 'nothing')}.`;
  if (identity.kind !== 'confirmed')
    return `${target.name} did not say which LPAR it is (uname -L was not read).`;
  if (hasNoHmc(sight)) return null;
  if (sight.system.kind !== 'found' || partition.kind !== 'found')
    return `The HMC did not confirm that ${target.name} is LPAR ${identity.lparId} on ${target.system?.hmcName ?? 'its managed system'}.`;
  if (!sight.system.row['type_model'] || !sight.system.row['serial_num'])
    return `The HMC did not give machine type and serial of the managed system of ${target.name}.`;
  const said = valueOf(sight.node.partition)?.name ?? 'nothing';
  if (target.lparId !== null || partition.row['name'] === said) return null;
  return `The HMC names LPAR ${identity.lparId} ${String(partition.row['name'])}, ${target.name} names itself ${said}; lparId in the inventory would settle it.`;
}

/** Whoever cuts the branch that the HMC is reached by cannot see from the HMC what came of it. */
function ownPath({ target }: GateSight): string | null {
  for (let hop: Endpoint | null = target.system?.hmc.endpoint.jump ?? null; hop !== null; hop = hop.jump)
    if (hop.name === target.name || hop.host === target.endpoint.host)
      return `${target.name} is on the way to its own HMC ${target.system?.hmc.name ?? ''}: it must not be changed from here.`;
  return null;
}

/** G11: in AIX itself, not in a workload partition, and with the rights of root. */
export const rootOfAix: Gate = {
  gate: 'G11',
  needs: { node: ['workloadPartition', 'effectiveUser'], hmc: [] },
  source: 'AIX 7.2 commands, uname and id; RSCT 3.2 rmcctrl and recfgct man pages',
  test: (sight) => {
    const { name } = sight.target;
    const why = firstUnread(sight, ['workloadPartition', 'effectiveUser']);
    if (why !== null) return `Nobody can say whether this is root of AIX on ${name}: ${why}.`;
    const wparId = valueOf(sight.node.workloadPartition)?.wparId;
    if (wparId !== 0)
      return `${name} is workload partition ${String(wparId)}: RSCT lives in the AIX around it.`;
    const uid = valueOf(sight.node.effectiveUser)?.uid;
    return uid === 0 ? null : `The login on ${name} is user ${String(uid)}, not root.`;
  },
};
