import { curesOf } from './cures.js';
import { otherSide, rowEvidence } from './domain.js';
import { pathCheck, tcpToHmc, type Tcp } from './follow-up.js';
import { missingForHealth } from './health.js';
import { showing, type Draft, type Rule } from './rule.js';
import { hmcSideOf, statusOf, type Sight } from './sight.js';

const whileNotHeard = ['rmc.hmc-views-disagree', 'rmc.drm-down', 'rmc.dlpar-not-capable'];

/** Row 13: the HMC is known and not heard, and TCP 657 on it does not even answer: a firewall or a route. */
export const portBlocked: Rule = {
  row: '13',
  explains: whileNotHeard,
  find(sight) {
    const tcp = tcpToHmc(sight);
    if (!isNotHeard(sight) || tcp.kind !== 'timed-out') return [];
    return [
      {
        id: 'rmc.port-blocked',
        severity: 'crit',
        title: `${sight.target.name} cannot reach its HMC on TCP 657: look at firewalls and routes, TCP and UDP, both ways.`,
        expected: 'state I (up), TCP 657 of the HMC answers',
        observed: `state O (down), a connection to ${tcp.addresses.join(', ')} port 657 timed out. ${otherSide(sight)}${openToLpars(sight)}`,
        evidence: [...rowEvidence(sight), ...tcp.evidence],
        // Restarting RMC for a firewall destroys evidence and cannot help.
        fixes: [],
      },
    ];
  },
};

/** Row 14: not heard although TCP gets through: UDP 657, the way back, a second interface, or mixed frame sizes. */
export const heartbeatDown: Rule = {
  row: '14',
  explains: whileNotHeard,
  find: (sight) => (isNotHeard(sight) && tcpToHmc(sight).kind !== 'timed-out' ? [down(sight)] : []),
};

/** Remote clients are disabled on the LPAR (`rmcctrl -P`): the HMC's next connection will fail, whatever is up now. */
export const clientsDisabled: Rule = {
  row: '14, closed',
  explains: whileNotHeard,
  find(sight) {
    if (statusOf(sight, 'ctrmc') !== 'active' || sight.port?.tcpListening !== false) return [];
    const isSaidAlready = isNotHeard(sight) && tcpToHmc(sight).kind !== 'timed-out';
    if (isSaidAlready || ['none', 'unread', 'i'].includes(sight.link.state)) return [];
    return [closed(sight)];
  },
};

/** Row 15: RMC has suspended the connection. That X stands for lost large packets is field knowledge. */
export const packetSize: Rule = {
  row: '15',
  explains: whileNotHeard,
  find(sight) {
    if (sight.link.state !== 'X' || statusOf(sight, 'ctrmc') !== 'active') return [];
    return [
      {
        id: 'rmc.packet-size',
        severity: hmcSideOf(sight.dlpar) === 'up' ? 'unknown' : 'crit',
        title: `RMC on ${sight.target.name} has suspended the connection to the HMC: small packets pass and large ones do not. Look at the MTU on the whole way, and at jumbo frames on one side only.`,
        expected: 'state I (up)',
        observed: `state X (suspended). ${otherSide(sight)}${jumboOnHmc(sight)}`,
        evidence: [...rowEvidence(sight), ...pathCheck(sight)],
        fixes: [],
      },
    ];
  },
};

function isNotHeard(sight: Sight): boolean {
  return sight.link.state === 'O' && statusOf(sight, 'ctrmc') === 'active';
}

function down(sight: Sight): Draft {
  const { name } = sight.target;
  const isClosed = sight.port?.tcpListening === false;
  const port = sight.port === null ? 'not known' : sight.port.tcpListening ? 'listening' : 'not listening';
  const tcp = tcpToHmc(sight);
  return {
    id: 'rmc.heartbeat-down',
    ...(isClosed && { symptom: 'rmc.heartbeat-down:closed' }),
    severity: 'crit',
    title: isClosed
      ? `${name} and the HMC do not hear each other, and remote clients are disabled on the LPAR.`
      : `${name} and the HMC do not hear each other: ${whereToLook(tcp)}`,
    expected: 'state I (up), TCP 657 listening',
    observed: `state O (down), TCP 657 ${port} on the LPAR, ${tcpWords(tcp)}. ${otherSide(sight)}${openToLpars(sight)}`,
    evidence: [...rowEvidence(sight), ...portEvidence(sight), ...tcp.evidence],
    fixes: curesFor(isClosed, tcp),
  };
}

function curesFor(isClosed: boolean, tcp: Tcp): readonly string[] {
  const cures = curesOf('rmc.heartbeat-down');
  if (isClosed) return cures.filter((fix) => fix === 'rmc-enable-remote');
  // The way is open and nobody answers at its end; for a network fault nothing on the node can help.
  return tcp.kind === 'refused' ? cures.filter((fix) => fix === 'rmc-refresh-domain') : [];
}

function whereToLook(tcp: Tcp): string {
  if (tcp.kind === 'connected')
    return 'TCP 657 gets through, so look at UDP 657, the way back, further interfaces that reach the HMC, and frame sizes.';
  if (tcp.kind === 'refused') return 'the HMC’s port 657 is reached and refuses.';
  return 'look at routing and firewalls for port 657, TCP and UDP, both ways.';
}

function tcpWords(tcp: Tcp): string {
  const to = tcp.addresses.join(', ');
  if (tcp.kind === 'connected') return `TCP 657 to ${to} gets through`;
  return tcp.kind === 'refused' ? `TCP 657 to ${to} is refused` : 'TCP 657 to the HMC not tried';
}

function closed(sight: Sight): Draft {
  // What is connected stays so for the time being; the next connection of the HMC will fail.
  const isDown = missingForHealth(sight).length > 0;
  return {
    id: 'rmc.heartbeat-down',
    symptom: 'rmc.heartbeat-down:closed',
    severity: isDown ? 'crit' : 'warn',
    title: `Remote clients are disabled on ${sight.target.name}: the HMC cannot open a connection to its RMC.`,
    expected: 'TCP 657 listening on the LPAR',
    observed: `TCP 657 not listening. ${otherSide(sight)}`,
    evidence: [...portEvidence(sight), ...rowEvidence(sight)],
    fixes: curesOf('rmc.heartbeat-down').filter((fix) => fix === 'rmc-enable-remote'),
  };
}

/** Where the HMC's own settings keep LPARs out, it is said; that they do not is no proof that nothing else does. */
function openToLpars({ network }: Sight): string {
  const settings = Object.entries(network ?? {}).filter(([name]) => name.startsWith('lparcomm_'));
  const isShut = settings.length > 0 && settings.every(([, value]) => value === 'off');
  return isShut ? ' No interface of the HMC is set up for LPAR communication (lshmc -n: lparcomm off).' : '';
}

function jumboOnHmc({ network }: Sight): string {
  const on = Object.entries(network ?? {}).filter(
    ([name, value]) => name.startsWith('jumboframe_') && value === 'on',
  );
  return on.length === 0
    ? ''
    : ` The HMC uses jumbo frames on ${on.map(([name]) => name.replace('jumboframe_', '')).join(', ')}.`;
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
