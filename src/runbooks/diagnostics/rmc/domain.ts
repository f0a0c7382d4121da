import { curesOf } from './cures.js';
import { inBand } from './follow-up.js';
import { describePeer } from './peers.js';
import { connectionSymptoms, showing, type Draft, type Rule } from './rule.js';
import { hmcSideOf, statusOf, valueOf, type Sight } from './sight.js';

/** Row 11: RMC runs and knows no management control point: nothing ever registered it, or it was wiped. */
export const notRegistered: Rule = {
  row: '11',
  explains: ['rmc.hmc-views-disagree', 'rmc.drm-down', 'rmc.dlpar-not-capable'],
  find(sight) {
    if (!isRunningAlone(sight)) return [];
    const { name } = sight.target;
    // AIX 7.3 can be connected in band, by mcproxy; then an empty answer here proves nothing.
    const inBandHmcs = inBand(sight);
    if (inBandHmcs.kind === 'connected') return [];
    const hmcSide = hmcSideOf(sight.dlpar);
    const mayBeInBand = inBandHmcs.kind === 'unread' && hmcSide !== 'down';
    // The node knows no HMC and the HMC says that it is connected: contradictory, unless the HMC is just behind.
    const isUnclear = mayBeInBand || hmcSide === 'up';
    return [
      {
        id: 'rmc.not-registered',
        severity: isUnclear ? 'unknown' : 'crit',
        title: mayBeInBand
          ? `${name} shows no HMC out of band; mcproxy runs, so it may be connected in band, which was not read.`
          : isUnclear
            ? `${name} is registered with no HMC, and the HMC says that it is connected.`
            : `${name} is not registered with any HMC. Within five minutes of a boot or an activation that is normal.`,
        expected: 'a management control point (the HMC) in rmcdomainstatus and IBM.MCP',
        observed: `rmcdomainstatus and IBM.MCP are both empty. ${otherSide(sight)}`,
        evidence: [...bothEmpty(sight), ...inBandHmcs.evidence],
        fixes: isUnclear ? [] : curesOf('rmc.not-registered'),
      },
    ];
  },
};

/** Row 12: the node is registered, and with other HMCs only: ours was replaced, or never reached it. */
export const foreignHmc: Rule = {
  row: '12',
  explains: [...connectionSymptoms, 'rmc.drm-down'],
  find(sight) {
    const { peers, target } = sight;
    const isForeign = peers.length > 0 && peers.every((peer) => peer.isOurs === false);
    if (!isForeign || statusOf(sight, 'ctrmc') !== 'active') return [];
    const hmcName = target.system?.hmc.name ?? 'its HMC';
    // Connected after all: one of the two lists is wrong, and which one cannot be told from here.
    const isContradicted = hmcSideOf(sight.dlpar) === 'up';
    return [
      {
        id: 'rmc.foreign-hmc',
        severity: isContradicted ? 'unknown' : 'crit',
        title: isContradicted
          ? `${target.name} names only other HMCs than ${hmcName}, and ${hmcName} says that it is connected.`
          : `${target.name} is registered with another HMC, and not with ${hmcName}.`,
        expected: `${hmcName} (${ownNames(sight)}) in IBM.MCP`,
        observed: `IBM.MCP has ${peers.map(describePeer).join('; ')}. ${otherSide(sight)}`,
        evidence: [...mcpEvidence(sight), ...rowEvidence(sight), ...networkEvidence(sight)],
        // What another HMC left behind does no harm and stays: a restart adds the right one.
        fixes: isContradicted ? [] : curesOf('rmc.foreign-hmc'),
      },
    ];
  },
};

/** With two HMCs an LPAR is healthy when the one that manages it is up; the other is worth a word, no more. */
export const otherHmcs: Rule = {
  row: 'another HMC',
  explains: [],
  find(sight) {
    const silent = sight.link.others.filter((row) => row.state !== 'I');
    if (sight.link.state !== 'I' || silent.length === 0) return [];
    return [
      {
        id: 'rmc.heartbeat-down',
        symptom: 'rmc.heartbeat-down:other',
        severity: 'ok',
        title: `${sight.target.name} is connected to its HMC; another one, ${silent.map((row) => row.name).join(', ')}, is not.`,
        expected: 'state I (up) for the HMC that manages it',
        observed: `that one is up; the other is in state ${silent.map((row) => row.state).join(', ')}`,
        evidence: rowEvidence(sight),
        fixes: [],
      },
    ];
  },
};

/** What the HMC says of the connection, in one sentence. */
export function otherSide(sight: Sight): string {
  if (sight.collected.hmc === null) return 'The HMC’s side is IBM’s and was not seen.';
  const { dlpar } = sight;
  if (dlpar.kind === 'absent') return 'The HMC does not list it either.';
  if (dlpar.kind !== 'found') return 'The HMC’s side was not read.';
  return `The HMC says Active:<${dlpar.row.active}>.`;
}

/** The rows of rmcdomainstatus. */
export function rowEvidence(sight: Sight): Draft['evidence'] {
  return sight.collected.node.ok
    ? showing(sight.collected.node.facts.domain, (line) => line.includes('0x'))
    : [];
}

/** ctrmc runs, and both lists were read and are empty. */
function isRunningAlone(sight: Sight): boolean {
  if (statusOf(sight, 'ctrmc') !== 'active' || sight.domain === null || sight.controlPoints === null)
    return false;
  return sight.domain.controlPoints.length === 0 && sight.controlPoints.length === 0;
}

function bothEmpty(sight: Sight): Draft['evidence'] {
  return sight.collected.node.ok
    ? [sight.collected.node.facts.domain.evidence, sight.collected.node.facts.controlPoints.evidence]
    : [];
}

function mcpEvidence(sight: Sight): Draft['evidence'] {
  const isName = (line: string) => /^\s*(?:resource|KeyToken|IPAddresses|HMCName|HMCIPAddr)\b/.test(line);
  return sight.collected.node.ok ? showing(sight.collected.node.facts.controlPoints, isName) : [];
}

function networkEvidence(sight: Sight): Draft['evidence'] {
  return sight.collected.hmc?.ok ? [sight.collected.hmc.facts.hmcNetwork.evidence] : [];
}

function ownNames(sight: Sight): string {
  const hmc = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  const network = valueOf(hmc?.hmcNetwork);
  const said = [network?.hostname, network?.ipaddr].flatMap((value) => value ?? []);
  const own = said.filter((value) => value !== '' && value !== '0.0.0.0');
  return own.length === 0 ? String(sight.target.system?.hmc.endpoint.host) : own.join(', ');
}
