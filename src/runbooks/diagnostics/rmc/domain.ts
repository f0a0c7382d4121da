import { showing, type Draft, type Rule } from './rule.js';
import { missingForHealth } from './health.js';
import { statusOf, type Sight } from './sight.js';

/** Row 11: RMC runs and knows no management control point: nothing ever registered it, or it was wiped. */
export const notRegistered: Rule = {
  row: '11',
  explains: ['rmc.hmc-views-disagree', 'rmc.drm-down', 'rmc.dlpar-not-capable'],
  find(sight) {
    if (statusOf(sight, 'ctrmc') !== 'active' || sight.domain === null || sight.controlPoints === null)
      return [];
    if (sight.domain.controlPoints.length > 0 || sight.controlPoints.length > 0) return [];
    // AIX 7.3 can be connected in-band, by mcproxy; then an empty answer here proves nothing.
    const inBand = statusOf(sight, 'mcproxy') === 'active' && hmcState(sight) !== 'down';
    return [
      {
        id: 'rmc.not-registered',
        severity: inBand ? 'unknown' : 'crit',
        title: inBand
          ? `${sight.target.name} shows no HMC out of band; mcproxy runs, so it may be connected in band, which was not read.`
          : `${sight.target.name} is not registered with any HMC.`,
        expected: 'a management control point (the HMC) in rmcdomainstatus and IBM.MCP',
        observed: `rmcdomainstatus and IBM.MCP are both empty. ${otherSide(sight)}`,
        evidence: sight.collected.node.ok
          ? [sight.collected.node.facts.domain.evidence, sight.collected.node.facts.controlPoints.evidence]
          : [],
        fixes: inBand ? [] : ['rmc-restart'],
      },
    ];
  },
};

/** Rows 13 and 14: the HMC is known and not heard. Where TCP 657 is closed here, remote clients were disabled. */
export const heartbeatDown: Rule = {
  row: '13',
  explains: ['rmc.hmc-views-disagree', 'rmc.drm-down', 'rmc.dlpar-not-capable'],
  find(sight) {
    if (statusOf(sight, 'ctrmc') !== 'active' || sight.domain === null) return [];
    const states = sight.domain.controlPoints.map((row) => row.state);
    if (states.length === 0) return [];
    const heard = states.includes('I');
    if (!heard && states.includes('i')) return [];
    const otherSideDown = hmcState(sight) === 'down';
    if (states.includes('O') && (!heard || otherSideDown)) return [down(sight)];
    if (sight.port?.tcpListening === false) return [closed(sight)];
    return states.includes('O') && hmcState(sight) !== 'unread' ? [otherHmc(sight)] : [];
  },
};

/** Row 16: heard, handshake unfinished. One look cannot tell a moment from a failing authentication. */
export const pendingAuthentication: Rule = {
  row: '16',
  explains: ['rmc.hmc-views-disagree', 'rmc.dlpar-not-capable'],
  find(sight) {
    const states = sight.domain?.controlPoints.map((row) => row.state) ?? [];
    if (statusOf(sight, 'ctrmc') !== 'active' || !states.includes('i')) return [];
    if (states.includes('I') && hmcState(sight) !== 'down') return [];
    return [
      {
        id: 'rmc.pending-authentication',
        severity: 'warn',
        title: `${sight.target.name} and the HMC hear each other, but the handshake is not finished. If this is still so in a minute, authentication is failing.`,
        expected: 'state I (up)',
        observed: `state i (pending up). ${otherSide(sight)}`,
        evidence: rowEvidence(sight),
        fixes: [],
      },
    ];
  },
};

/** What the HMC holds of the connection. `unread` also where there is no HMC to ask. */
function hmcState(sight: Sight): 'up' | 'down' | 'unread' {
  if (sight.dlpar.kind === 'absent') return 'down';
  if (sight.dlpar.kind !== 'found') return 'unread';
  return sight.dlpar.row.active > 0 ? 'up' : 'down';
}

function down(sight: Sight): Draft {
  const port = sight.port === null ? 'not known' : sight.port.tcpListening ? 'listening' : 'not listening';
  const isClosed = sight.port?.tcpListening === false;
  return {
    id: 'rmc.heartbeat-down',
    severity: 'crit',
    title: isClosed
      ? `${sight.target.name} and the HMC do not hear each other, and remote clients are disabled on the LPAR.`
      : `${sight.target.name} and the HMC do not hear each other: look at routing and firewalls for port 657, TCP and UDP, both ways.`,
    expected: 'state I (up), TCP 657 listening',
    observed: `state O (down), TCP 657 ${port} on the LPAR. ${otherSide(sight)}`,
    evidence: [...rowEvidence(sight), ...portEvidence(sight)],
    // Restarting RMC for a firewall destroys evidence and cannot help.
    fixes: isClosed ? ['rmc-enable-remote'] : [],
  };
}

function closed(sight: Sight): Draft {
  // What is connected stays so for the time being; the next connection of the HMC will fail.
  const isDown = missingForHealth(sight).length > 0;
  return {
    id: 'rmc.heartbeat-down',
    severity: isDown ? 'crit' : 'warn',
    title: `Remote clients are disabled on ${sight.target.name}: the HMC cannot open a connection to its RMC.`,
    expected: 'TCP 657 listening on the LPAR',
    observed: `TCP 657 not listening. ${otherSide(sight)}`,
    evidence: [...portEvidence(sight), ...rowEvidence(sight)],
    fixes: ['rmc-enable-remote'],
  };
}

/** With two HMCs an LPAR is healthy when the one we manage it from is up; the other is worth a word, no more. */
function otherHmc(sight: Sight): Draft {
  const names = sight.domain?.controlPoints.filter((row) => row.state === 'O').map((row) => row.name) ?? [];
  return {
    id: 'rmc.heartbeat-down',
    severity: 'ok',
    title: `${sight.target.name} is connected to its HMC; another one, ${names.join(', ')}, is not heard.`,
    expected: 'state I (up) for the HMC that manages it',
    observed: 'one management control point is up, another is down',
    evidence: rowEvidence(sight),
    fixes: [],
  };
}

function otherSide(sight: Sight): string {
  if (sight.collected.hmc === null) return 'The HMC’s side is IBM’s and was not seen.';
  const { dlpar } = sight;
  if (dlpar.kind === 'absent') return 'The HMC does not list it either.';
  if (dlpar.kind !== 'found') return 'The HMC’s side was not read.';
  return `The HMC says Active:<${dlpar.row.active}>.`;
}

function rowEvidence(sight: Sight): Draft['evidence'] {
  return sight.collected.node.ok
    ? showing(sight.collected.node.facts.domain, (line) => line.includes('0x'))
    : [];
}

function portEvidence(sight: Sight): Draft['evidence'] {
  const isPort = (line: string) => /[.:]657\s/.test(line);
  if (!sight.collected.node.ok) return [];
  const [evidence] = showing(sight.collected.node.facts.sockets, isPort);
  if (evidence === undefined) return [];
  // A closed port shows by the line that is not there: the whole table would say nothing.
  return evidence.excerpt.split('\n').every(isPort)
    ? [evidence]
    : [{ ...evidence, excerpt: '(no line with port 657)' }];
}
