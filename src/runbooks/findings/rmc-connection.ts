import type { FindingsAbout } from './about.js';

const from = ['rmc'];

/** Findings on the way between LPAR and HMC: who hears whom. */
export const rmcConnection = {
  'rmc.not-registered': {
    severities: ['crit', 'unknown'],
    from,
    means:
      'RMC runs on the LPAR and knows no management control point (MCP): no HMC ever registered with it, or the registration was wiped. Within five minutes of a boot or an activation that is normal. It is unknown where the HMC says that it is connected, or where the LPAR may be connected in band (AIX 7.3, mcproxy) and that was not read.',
    expected: 'a management control point in `rmcdomainstatus -s ctrmc` and in `lsrsrc IBM.MCP`',
    evidence: 'both commands, which printed nothing; what the HMC says of the LPAR',
    byHand: [
      'Wait five minutes after a boot, an activation or a change of its network, and look again.',
      'From the LPAR, see that TCP and UDP 657 of the HMC are reached, both ways.',
      'On the HMC, see that the LPAR runs on a managed system that it is connected to (`lssysconn -r all`).',
    ],
  },
  'rmc.foreign-hmc': {
    severities: ['crit', 'unknown'],
    from,
    means:
      'The LPAR is registered, and only with other HMCs than the one that manages it: the HMC was replaced, or the LPAR was moved, and ours never reached it. What another HMC left behind does no harm. It is unknown where our HMC says that it is connected all the same.',
    expected: 'the managing HMC by its name, address or serial number in `lsrsrc IBM.MCP`',
    evidence: 'the rows of `lsrsrc IBM.MCP` and `rmcdomainstatus`; `lshmc -n` of our HMC',
    byHand: [
      'See that `systems` and `hmcs` of the inventory name the HMC that manages the LPAR today.',
      'See that this HMC and the LPAR reach each other on TCP and UDP 657.',
      'Leave the entries of other HMCs alone: removing them is for IBM support.',
    ],
  },
  'rmc.port-blocked': {
    severities: ['crit'],
    from,
    means:
      'The LPAR knows its HMC and does not hear it, and a connection from the LPAR to TCP 657 of the HMC is not even answered: a firewall or a missing route. Restarting RMC cannot help and destroys evidence, so nothing is offered.',
    expected: 'state I (up) in `rmcdomainstatus`, and TCP 657 of the HMC answers',
    evidence: 'the row with state O; the try of the connection',
    byHand: [
      'Open 657, TCP and UDP, in both directions between the LPAR and every interface of the HMC that LPARs use.',
      'On the HMC see that its own firewall lets RMC in on that interface and that `lshmc -n` shows `lparcomm` on.',
      'Look at the routes on both sides, above all where the LPAR has several interfaces.',
    ],
  },
  'rmc.heartbeat-down': {
    severities: ['crit', 'warn', 'unknown', 'ok'],
    from,
    means:
      'LPAR and HMC do not hear each other (state O) although nothing says that TCP 657 is blocked: UDP 657, the way back, a second interface, or mixed frame sizes. Or remote clients are disabled on the LPAR (`rmcctrl -P`), so that the next connection of the HMC will fail; that is a warning while it is still connected. It is unknown where messages stay queued on two looks, and only information where another HMC than the managing one is silent.',
    expected: 'state I (up), no messages queued, TCP 657 listening on the LPAR',
    evidence:
      'the rows of `rmcdomainstatus`; the lines of `netstat -an` with port 657; the try of a connection',
    byHand: [
      'Look at UDP 657 in both directions: that TCP gets through says nothing of it.',
      'See that answers leave the LPAR by the interface that the HMC knows it by.',
      'Look for jumbo frames on one side only.',
      'If somebody closed the port on purpose, leave it: then DLPAR and live migration do not work.',
    ],
  },
  'rmc.packet-size': {
    severities: ['crit', 'unknown'],
    from,
    means:
      'RMC has suspended the connection (state X): small packets pass and large ones get lost. It is unknown while the HMC says that the LPAR is connected.',
    expected: 'state I (up)',
    evidence: 'the row with state X; what `ctsyschk` says where it is installed',
    byHand: [
      'Compare the MTU on the whole way; look for jumbo frames on one side only, and for a firewall that drops ICMP "fragmentation needed".',
      'Compare small and large packets between the two: `ping -s 1472` and `ping -s 8972`.',
    ],
  },
  'rmc.pending-authentication': {
    severities: ['crit', 'warn', 'unknown'],
    from,
    means:
      'LPAR and HMC hear each other and the handshake is not finished (state i). One look cannot tell a moment from a failing authentication, so it is a warning at first and the LPAR is read again after `verify.gapSeconds`; on two looks it is critical. It is unknown where the HMC says that it is connected.',
    expected: 'state I (up)',
    evidence: 'the row with state i, of both looks; identities that `ctsvhbac` does not trust',
    byHand: [
      'Compare host names, `/etc/hosts` and DNS of both sides.',
      'On the LPAR run `ctsvhbac`, and `ctsthl -l` for the trusted host list.',
      "Never edit or delete the trusted host list without IBM support; the HMC's half needs IBM support anyway.",
    ],
  },
  'rmc.stale-hmc-entry': {
    severities: ['crit', 'warn'],
    from,
    means:
      'The address that the HMC holds for the LPAR is not one of its own, or is that of another LPAR too, perhaps of one that is shut off: the HMC talks to the wrong one. A warning while RMC is up all the same.',
    expected: "an address of the LPAR's own that no other LPAR of the HMC has",
    evidence: 'the rows of `lssyscfg` and `lspartition -dlpar`; `ifconfig -a`',
    byHand: [
      'Give every LPAR an address of its own, also those that are shut off.',
      'Wait five minutes after a change of address, then look again.',
      'Where a dead definition holds the address, save its profile, remove the definition, and have the HMC read the managed system again.',
    ],
  },
  'rmc.ipv6-link-local-missing': {
    severities: ['crit'],
    from,
    means:
      'On Power Virtual Server RMC runs over an IPv6 link-local address that the service put on an interface at deployment. No interface has one: it was removed, or the LPAR runs from another boot image.',
    expected: 'one interface with an `fe80::/64` address; an interface without IPv4 is normal',
    evidence: "`ifconfig -a`; the addresses in cloud-init's log",
    byHand: [
      'Do not invent an address. The right one stands in `/var/log/cloud-init-output.log` of the original boot image.',
      'Put it back on the interface that it came from, compared by MAC address, and on no other.',
      'Ask IBM support where it is not to be found.',
    ],
  },
  'rmc.service-health': {
    severities: ['ok'],
    from,
    means:
      "On Power Virtual Server: what the service's own dashboard shows as the health of the LPAR. Information only.",
    expected: 'health OK',
    evidence: 'none: it follows from the connection',
    byHand: ['Nothing.'],
  },
} as const satisfies FindingsAbout;
