import type { ClusterPlace } from './cluster.js';
import type { Scenario } from './scenario.js';
import type { ClusterScenario } from './scenario-cluster.js';

/** Name below a folder → content, without the last newline. */
type Files = Record<string, string>;

/** An address of the cluster that no node has, but for its last part those of its first node. */
function formerAddress({ members }: ClusterPlace): string {
  const [first] = members;
  return (first?.address ?? '127.0.1.1').replace(/\.\d+$/, '.251');
}

/** The text of /etc/cluster/rhosts; null where there is none. */
export function rhostsFile(place: ClusterPlace, { rhosts }: ClusterScenario): string | null {
  const { members, own } = place;
  const all = members.map(({ address }) => address).sort();
  const lines = (rows: readonly string[], end = '\n') => rows.map((row) => row + end).join('');
  const others = members.filter(({ name }) => name !== own.name);
  switch (rhosts) {
    case 'missing':
      return null;
    case 'empty':
      return '';
    case 'addresses':
      return lines(all);
    case 'labels':
      return lines(members.map(({ name }) => name));
    case 'unresolvable':
      return lines(members.map(({ name }) => `${name}-boot`));
    case 'stale':
      return lines(
        [own, ...others.slice(0, -1)]
          .map(({ address }) => address)
          .concat(formerAddress(place))
          .sort(),
      );
    case 'not-self':
      return lines(others.map(({ address }) => address).sort());
    case 'crlf':
      return lines(all, '\r\n');
    case 'trailing-space':
      return lines(all, ' \n');
    case 'blank-line':
      return `${lines(all.slice(0, 1))}\n${lines(all.slice(1))}`;
  }
}

/** The text of /etc/hosts, without the last newline. */
export function hostsFile(place: ClusterPlace, { hosts }: ClusterScenario): string {
  const { members, own, cluster } = place;
  const next = members[own.number % members.length];
  const rows = members
    .filter(({ name }) => hosts !== 'no-peer' || name !== next?.name)
    .map((member) => {
      const isWrong = hosts === 'other-address' && member.name === next?.name;
      return row(isWrong ? formerAddress(place) : member.address, member.name);
    });
  const services = Object.entries(cluster.services).map(([label, address]) => row(address, label));
  return ['127.0.0.1\tloopback localhost', ...rows, ...services].join('\n');
}

function row(address: string, name: string): string {
  return `${address}\t${name} ${name}.lab.example`;
}

/** What the cluster's programs look at, below `state`. */
export function clusterState(place: ClusterPlace, scenario: Scenario): Files {
  const { name, cluster, members, own } = place;
  const now = scenario.cluster;
  const groups = Object.entries(cluster.groups);
  const labels = Object.keys(cluster.services);
  return {
    'cluster/name': name,
    'cluster/own': own.name,
    'cluster/number': String(own.number),
    'cluster/level': now.level ?? cluster.level,
    'cluster/tool': cluster.certificateTool,
    'cluster/members': members.map((one) => [one.number, one.name, one.address].join('|')).join('\n'),
    'cluster/services': Object.entries(cluster.services)
      .map((one) => one.join('|'))
      .join('\n'),
    'cluster/groups': groups
      .map(([group, nodes], index) => [group, nodes.join(' '), labels[index] ?? ''].join('|'))
      .join('\n'),
    'cluster/group-state': now.groupState ?? 'ONLINE',
    'cluster/manager': now.manager,
    'cluster/events': String(now.events),
    'cluster/rm-events': String(now.rmEvents),
    'cluster/caa': now.caa,
    'cluster/repository': now.repository,
    'cluster/security': now.security,
    'cluster/processes': now.processes.join('\n'),
    'cluster/address': own.address,
    'cluster/comes-from': now.comesFrom ?? own.address,
    'cluster/keys': String(now.keys),
    errpt: now.errors.join('\n'),
    ...clcomdKnobs(now),
  };
}

function clcomdKnobs(now: ClusterScenario): Files {
  return {
    'clcomd/blocked-peers': now.blockedPeers.join(' '),
    'clcomd/blocked-in': now.blockedIn ? 'yes' : 'no',
    'clcomd/blocked-out': now.blockedOut ? 'yes' : 'no',
    'clcomd/blocked-by': now.blockedBy,
    'clcomd/fail-every': String(now.failEvery),
    'clcomd/refresh': now.refresh,
    'clcomd/start': now.start,
    'clcomd/tool': now.tool,
  };
}

const services = [
  'caa_cfg         6181/tcp                # Cluster Aware AIX configuration',
  'clcomd_caa      16191/tcp               # cluster communication',
];

/** Files of /etc and /var that diagnostics look at. Their lines are the lab's. */
export function logFiles(place: ClusterPlace, now: ClusterScenario): Files {
  const overflow = [
    'caa:err|error unix: tcpsock_ndd_add2_sendq: Overflow, Dropping packet.',
    'caa:err|error clconfd: Could not send lock request message. rc=127',
    'caa:err|error clconfd: cluster_utils.c get_cluster_lock...Could not get lock....',
  ];
  const started = `(lab) clcomd of ${place.own.name} has been started`;
  return {
    'etc/netsvc.conf': 'hosts = local, bind4',
    'etc/services': ['ssh             22/tcp', ...services].join('\n'),
    'var/hacmp/clcomd/clcomd.log': started,
    'var/hacmp/adm/cluster.log': `(lab) EVENT COMPLETED: rg_move_complete ${place.own.name} 1 0`,
    'var/adm/ras/syslog.caa': now.failEvery > 0 ? overflow.join('\n') : '(lab) nothing to report',
  };
}
