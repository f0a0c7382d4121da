import { conditionResponses } from '../../../aix/lscondresp.js';
import { cluster0 } from '../../../aix/odmget.js';
import type { Capture } from '../../../core/plan.js';
import { nodeRead } from '../../../core/remote-command.js';
import { rmcNodeFacts } from '../../diagnostics/rmc/facts.js';
import { captureCommand } from './recfgct.js';

/** The resources of one RMC class. */
function resources(name: string): Capture {
  const command = nodeRead('/usr/bin/lsrsrc', [name], 'RSCT 3.2, lsrsrc', {
    alternatives: ['/usr/sbin/rsct/bin/lsrsrc', '/opt/rsct/bin/lsrsrc'],
    needsRoot: true,
  });
  return { id: `lsrsrc-${name.toLowerCase().replaceAll('.', '-')}`, title: `Resources of ${name}`, command };
}

/** What is written down before RSCT is rebuilt: all that a rebuild removes and that a command can show. */
export const rebuildCaptures: readonly Capture[] = [
  { id: 'lsnodeid', title: 'Node ID', command: rmcNodeFacts.nodeId.command },
  { id: 'ct-node-id-etc', title: '/etc/ct_node_id', command: rmcNodeFacts.nodeIdEtc.command },
  { id: 'ct-node-id-cfg', title: '/var/ct/cfg/ct_node_id', command: rmcNodeFacts.nodeIdCfg.command },
  { id: 'odmget-cluster0', title: 'CAA device in the ODM', command: cluster0.command },
  { id: 'lssrc', title: 'Subsystems', command: rmcNodeFacts.subsystems.command },
  { id: 'rmcdomainstatus', title: 'RMC domain status', command: rmcNodeFacts.domain.command },
  resources('IBM.MCP'),
  resources('IBM.Condition'),
  resources('IBM.EventResponse'),
  resources('IBM.Association'),
  { id: 'lscondresp', title: 'Conditions with responses', command: conditionResponses.command },
  {
    id: 'ctrmc-acls',
    title: 'RMC access list, where there is one',
    command: captureCommand('/usr/bin/cat', ['/var/ct/cfg/ctrmc.acls'], 'RSCT 3.2, ctrmc.acls'),
  },
  {
    id: 'lsitab-ctrmc',
    title: 'inittab entry of ctrmc',
    command: captureCommand('/usr/sbin/lsitab', ['ctrmc'], 'AIX 7.2 commands, lsitab'),
  },
];
