import type { FindingsAbout } from './about.js';

const from = ['clcomd'];

/** Findings on the communication of a PowerHA cluster. */
export const cluster = {
  'clcomd.inoperative': {
    severities: ['crit', 'warn'],
    from,
    means:
      'The subsystem clcomd (clcomdES in PowerHA 6.1) does not run on a node: no command of the cluster reaches it. A warning while it is between two states.',
    expected: 'clcomd active on every node',
    evidence: 'its line of `lssrc`, its entry in inittab, its log, `errpt`',
    byHand: [
      'Read what the error log says before it is started.',
      'Where `/etc/inittab` has no entry for it, it does not come back after a boot: that entry is for a person to add.',
    ],
  },
  'clcomd.not-installed': {
    severities: ['crit'],
    from,
    means:
      "A node of the inventory's cluster has no clcomd or no PowerHA: the inventory is wrong, or the ODM is damaged.",
    expected: 'clcomd on file in the SRC, and the fileset cluster.es.server.rte',
    evidence: '`lssrc`, `lslpp -Lcq`',
    byHand: [
      'Correct `clusters` in the inventory, if the node is not in the cluster.',
      'Else ask whoever installed the cluster, and IBM support where it was there before.',
    ],
  },
  'clcomd.rhosts-wrong': {
    severities: ['crit', 'warn'],
    from,
    means:
      'The list of trusted hosts, `/etc/cluster/rhosts`, is missing, has the wrong owner or mode, lines that an editor spoiled, names that do not resolve, or lacks a boot address of the cluster. Critical where clrsh fails for it; a warning where it will, once clcomd reads the list again.',
    expected: 'root:system, mode 600, one name or address in each line, every boot address of the cluster',
    evidence: 'the file with its owner and mode, and `cllsif`',
    byHand: [
      'Compare the lists of all nodes: they should be the same.',
      'After a change by hand: `refresh -s clcomd` on that node.',
    ],
  },
  'clcomd.name-resolution': {
    severities: ['crit', 'warn'],
    from,
    means:
      'A node makes another address of a label of the cluster, or another name of an address. Critical where clrsh fails for it.',
    expected: 'every label and address of `cllsif` resolves to the other, on every node alike',
    evidence: '`host` for each label and address, `/etc/netsvc.conf`, `/etc/hosts`',
    byHand: [
      'Correct `/etc/hosts` on every node alike, by hand: nothing edits it by itself. The finding has the line that belongs there.',
      'See that `/etc/netsvc.conf` asks local files first.',
    ],
  },
  'clcomd.pair-failing': {
    severities: ['crit'],
    from,
    means:
      'A command over clrsh from one node to another fails at every try. Where a cause was found, this finding follows from it; else the pattern of pairs says where to look: into one node, out of one node, one pair, all.',
    expected: 'every node reaches every node, itself included',
    evidence: "the matrix of all pairs, what clrsh said, clcomd's log",
    byHand: [
      'Look at what stands between the two: TCP 16191 and 6191 of the called node, source ports 571 to 1023, and ICMP must pass.',
      'After a change of security or keys look at what `clmgr query cluster` says on each node.',
      'Do not restart cluster services for it: they do not depend on clcomd while nothing is changed.',
    ],
  },
  'clcomd.pair-intermittent': {
    severities: ['warn'],
    from,
    means:
      'Tries of a pair succeed and fail by turns: packets get lost. Neither lists nor certificates do that, and nothing is offered.',
    expected: 'every try of every pair answers',
    evidence: 'the matrix with the count of answers, `netstat -in`, syslog.caa',
    byHand: [
      'Look at MTU and largesend on the way: `lsattr -El enX -a mtu_bypass`, `lsattr -El entX -a platform_lso`.',
      'Try `ping -s 1472` and `-s 8972` between the nodes; look at APAR IJ25390.',
    ],
  },
  'clcomd.certificate-expired': {
    severities: ['warn', 'crit', 'ok'],
    from,
    means:
      "A certificate of the cluster's communication has expired. Critical where clrsh fails and messages are authenticated by certificates, though no document says that clcomd looks at the date; information where authentication is off.",
    expected: 'certificates of the cluster that are valid for 30 days and more',
    evidence: 'the certificate with its dates and places; `clmgr query cluster`',
    byHand: [
      'See first whether message authentication is on at all.',
      "Renew them with the site's own tool, on all nodes, with a copy of `/etc/cluster` of all nodes at hand.",
    ],
  },
  'clcomd.certificate-expiring': {
    severities: ['warn', 'ok'],
    from,
    means:
      "A certificate of the cluster's communication ends within 30 days. Information where authentication is off.",
    expected: 'certificates of the cluster that are valid for 30 days and more',
    evidence: 'the certificate with its dates and places; `clmgr query cluster`',
    byHand: ['Plan the renewal for a maintenance window, before keys are handed out the next time.'],
  },
  'cluster.manager-unstable': {
    severities: ['warn', 'crit'],
    from,
    means:
      'The cluster is not at rest: a manager is in another state than ST_STABLE, ST_INIT or NOT_CONFIGURED, an event waits, a resource group is moving or in error, or a member is not UP. Critical at RP_FAILED. No change of clcomd is begun before it is over.',
    expected: 'every manager at rest, no event waiting, every group ONLINE or OFFLINE, every member UP',
    evidence: '`lssrc -ls clstrmgrES`, `clRGinfo -s`, `lscluster -m`',
    byHand: [
      'Wait for a running event to end, and look again.',
      'At RP_FAILED look at hacmp.out, repair the cause, then let the cluster go on by the PowerHA procedure for a failed script.',
    ],
  },
} as const satisfies FindingsAbout;
