import { resourceGroups } from '../../../aix/clrginfo.js';
import { clusterAttributes } from '../../../aix/clmgr.js';
import { clusterInterfaces } from '../../../aix/cllsif.js';
import { powerhaLevel } from '../../../aix/halevel.js';
import { errorLog, logTail, printedFile } from '../../../aix/log-tail.js';
import { fileAt } from '../../../aix/ls.js';
import { caaFilesets, clusterFilesets } from '../../../aix/lslpp.js';
import { clcomdAtBoot } from '../../../aix/lsitab.js';
import { subsystem } from '../../../aix/lssrc.js';
import { clusterManager } from '../../../aix/lssrc-clstrmgr.js';
import { interfaceAddresses } from '../../../aix/netstat-in.js';
import { sockets } from '../../../aix/netstat.js';
import { rhostsPath, rhostsPath61, trustedList } from '../../../aix/rhosts.js';
import { clusterServices } from '../../../aix/services.js';
import type { FactSet } from '../../../core/fact.js';
import { probeFacts } from '../../cluster-probe.js';

/** How often each ordered pair is tried. */
export const clcomdRounds = 3;

/**
 * What is asked of every node, in one round trip. PowerHA 6.1 has its list of hosts elsewhere and calls its subsystem
 * clcomdES: both are asked, and which one counts is what the node says.
 */
export const clcomdNodeFacts = {
  ...probeFacts,
  level: powerhaLevel,
  powerha: clusterFilesets,
  caa: caaFilesets,
  clcomd: subsystem('clcomd'),
  clcomdES: subsystem('clcomdES'),
  atBoot: clcomdAtBoot,
  manager: clusterManager,
  groups: resourceGroups,
  interfaces: clusterInterfaces,
  rhostsFile: fileAt(rhostsPath),
  rhosts: trustedList(rhostsPath),
  rhostsFile61: fileAt(rhostsPath61),
  rhosts61: trustedList(rhostsPath61),
  hostsFile: fileAt('/etc/hosts'),
  netsvc: printedFile('/etc/netsvc.conf'),
  services: clusterServices,
  sockets,
  addresses: interfaceAddresses,
  security: clusterAttributes,
  log: logTail('/var/hacmp/clcomd/clcomd.log', 100),
  caaLog: logTail('/var/adm/ras/syslog.caa', 50),
} satisfies FactSet;

export type ClcomdNodeFacts = typeof clcomdNodeFacts;

/** Asked of a node whose clcomd is down: what the error log says comes before anybody starts it. */
export const errorLogFact = errorLog;
