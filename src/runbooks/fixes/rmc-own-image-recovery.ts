import { cloudInitAddresses, type LoggedAddress } from '../../aix/cloud-init-log.js';
import type { Reading } from '../../core/fact.js';
import type { Capture, NodeStep, PersonStep, Plan, Proposal, WaitStep } from '../../core/plan.js';
import { nodeRead } from '../../core/remote-command.js';
import { fix, type Asked } from '../definition.js';
import { canonicalAddress } from '../diagnostics/rmc/addresses.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { look, type Sight } from '../diagnostics/rmc/sight.js';
import { readGates, rebuildGates, smallGates, type Refusal } from './rmc/gates.js';
import { identityBasis, locksOf, rmcCaptures } from './rmc/ground.js';
import { areSound, nodeIdsOf, othersWith } from './rmc/rebuild-ids.js';
import { saveRsct } from './rmc/rebuild-plan.js';
import { rebuild } from './rmc/recfgct.js';
import {
  leastLevel,
  linkLocalsNow,
  recreateInterface,
  refusalByPlace,
  refused,
  supportCase,
  waitForService,
  type Injected,
} from './rmc/recovery.js';
import { refusalByWords } from './rmc/words.js';

const id = 'rmc-own-image-recovery';

const interrupts =
  'The LPAR is powered off and booted from another image: everything on it stops. On that image all RSCT data is removed and made new. ' +
  'RMC, DLPAR and the health shown by the service are away until the end, up to 15 minutes after the rebuild.';

/** Moves a Power Virtual Server LPAR to a boot image of one's own and gives that image the identity that RMC knows. */
export const rmcOwnImageRecovery = fix({
  id,
  title: 'Keep the RMC connection over a change to your own boot image',
  risk: 'high',
  summary:
    'Saves address, adapter and node ID of the deployed image, guides a person through the boot from another one, and rebuilds them there.',
  interrupts,
  cures: curedBy(id),
  node: { ...rmcNodeFacts, cloudInitAddresses },
  hmc: rmcHmcFacts,
  plan: propose,
});

/** What is taken along from the deployed image: literals in the plan. */
interface Taken {
  readonly nodeId: string;
  readonly injected: Injected;
}

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const { name } = collected.target;
  const refusal =
    refusalByWords(id, name, asked) ?? refusalByPlace(collected) ?? readGates(smallGates, collected);
  if (refusal !== null) return refusal;
  const taken = takenFrom(collected, asked);
  if ('gate' in taken) return taken;
  return { kind: 'plan', plan: planFor(look(collected), taken) };
}

function takenFrom(collected: RmcCollected, asked: Asked): Taken | Refusal {
  const { name } = collected.target;
  const ids = nodeIdsOf(collected);
  if (typeof ids === 'string') return refused('node-id', ids);
  if (!areSound(ids) || ids.said === null)
    return refused(
      'node-id',
      `The node ID of ${name} is not the same in all three places (lsnodeid ${ids.said ?? 'lost'}, /etc/ct_node_id ${ids.etc ?? 'lost'}, /var/ct/cfg/ct_node_id ${ids.cfg ?? 'lost'}): which one the service knows cannot be told.`,
    );
  const twins = othersWith(ids.said, name, asked.fleet);
  if (twins.length > 0)
    return refused('node-id', `${twins.join(', ')} and ${name} have the same node ID ${ids.said}.`);
  const injected = injectedOn(collected);
  return 'gate' in injected ? injected : { nodeId: ids.said, injected };
}

/** The one link-local address that the service injected. Of several, the one that cloud-init's log names too. */
function injectedOn(collected: RmcCollected): Injected | Refusal {
  const { name } = collected.target;
  const now = linkLocalsNow(collected);
  if (now === null) return refused('interfaces', `ifconfig -a on ${name} was not read.`);
  if (now.length === 0)
    return refused(
      'interfaces',
      `${name} has no IPv6 link-local address, so there is nothing to take along. Boot it from the image that Power Virtual Server deployed and ask again there; where the address is lost on that image, rmc-ipv6-recovery comes first.`,
    );
  const rows = logRows(collected);
  const known = now.map((one) => ({ ...one, hardwareAddress: inLog(one, rows)?.hardwareAddress ?? null }));
  const candidates = now.length === 1 ? known : known.filter((one) => inLog(one, rows) !== undefined);
  const [one, ...others] = candidates;
  if (one !== undefined && others.length === 0) return one;
  const shown = now.map(({ address, on }) => `${address} on ${on}`).join(', ');
  return refused(
    'interfaces',
    `${name} has several IPv6 link-local addresses (${shown}), and the log of cloud-init does not tell which one the service injected.`,
  );
}

function inLog(injected: Injected, rows: readonly LoggedAddress[]): LoggedAddress | undefined {
  const wanted = canonicalAddress(injected.address);
  return rows.findLast((row) => row.address !== null && canonicalAddress(row.address) === wanted);
}

function logRows({ node }: RmcCollected): readonly LoggedAddress[] {
  const facts = (node.ok ? node.facts : {}) as Readonly<Record<string, Reading<unknown> | undefined>>;
  const reading = facts['cloudInitAddresses'] as Reading<readonly LoggedAddress[]> | undefined;
  return reading?.kind === 'value' ? reading.value : [];
}

function planFor(sight: Sight, taken: Taken): Plan {
  const { name } = sight.target;
  const { nodeId, injected } = taken;
  return {
    version: 1,
    fix: id,
    title: `Boot ${name} from your own image and keep its RMC connection`,
    risk: 'high',
    target: name,
    basis: [
      identityBasis(sight),
      `node ID ${nodeId} by lsnodeid, /etc/ct_node_id and /var/ct/cfg/ct_node_id`,
      `IPv6 link-local address ${injected.address} on ${injected.on}`,
    ],
    interrupts,
    captures: captures(injected),
    steps: [
      bootOwnImage(name, nodeId),
      recreateInterface(name, injected),
      saveRsct(sight, '/var/ct of your image'),
      settle(name),
      rebuildId(name, nodeId),
      waitForService(name),
    ],
    verify: {
      kind: 'checks',
      checks: [{ kind: 'node-id', nodeId, places: 'all-three' }, { kind: 'rmc-active' }],
      reads: 2,
    },
    rollback: {
      kind: 'none',
      reason: `The image that Power Virtual Server deployed is not changed: power ${name} off and boot it from there to go back.`,
    },
    ifItFails: supportCase(name),
    locks: locksOf(sight),
  };
}

/** Everything that the own image must be given, and what tells one NIC from the other. */
function captures({ on }: Injected): readonly Capture[] {
  const adapter = on.replace(/^en/, 'ent');
  return [
    { id: 'ifconfig', title: 'Network interfaces', command: rmcNodeFacts.interfaces.command },
    {
      id: 'lsattr-interface',
      title: `Settings of ${on}`,
      command: nodeRead('/usr/sbin/lsattr', ['-El', on], 'AIX 7.2 commands, lsattr'),
    },
    {
      id: 'entstat-adapter',
      title: `Hardware address of ${adapter}`,
      command: nodeRead('/usr/bin/entstat', ['-d', adapter], 'AIX 7.2 commands, entstat'),
    },
    { id: 'cloud-init-log', title: 'Network as cloud-init saw it', command: cloudInitAddresses.command },
    { id: 'ct-node-id-etc', title: '/etc/ct_node_id', command: rmcNodeFacts.nodeIdEtc.command },
    { id: 'ct-node-id-cfg', title: '/var/ct/cfg/ct_node_id', command: rmcNodeFacts.nodeIdCfg.command },
    ...rmcCaptures,
  ];
}

function bootOwnImage(name: string, nodeId: string): PersonStep {
  return {
    kind: 'person',
    id: 'boot-own-image',
    title: `Power ${name} off and boot it from your own image`,
    instructions: [
      'The file "before" in this thread holds the addresses, the adapter and the node ID of the deployed image. Look that it is there before you go on.',
      `Stop the workload on ${name} and shut it down: \`/usr/sbin/shutdown -F\``,
      'In Power Virtual Server, keep the deployed boot volume, attach the boot volume with your own image and boot from it.',
      `Log in by SSH as the user and with the key that the inventory has for ${name}: your image must let them in, at the same address.`,
      `If your image shows another SSH host key, ${name} is refused until that key is pinned: \`aixops enrol ${name}\``,
      `RSCT on your image must be at ${leastLevel} or later: \`/usr/bin/lslpp -L 'rsct.*'\` Upgrade it first where it is not.`,
    ],
    check: [
      { kind: 'reached' },
      { kind: 'node-id-is-not', nodeId },
      { kind: 'rsct-level', minimum: leastLevel },
    ],
    timeoutMs: 0,
    undo: `power ${name} off and boot it from the image that Power Virtual Server deployed; that image is unchanged.`,
  };
}

function settle(name: string): WaitStep {
  return {
    kind: 'wait',
    id: 'settle',
    title: `Let RMC of ${name} come up again, so that it can answer what the gates ask`,
    atLeastMs: 30_000,
    everyMs: 15_000,
    until: [{ kind: 'reached' }],
    timeoutMs: 15 * 60_000,
  };
}

function rebuildId(name: string, nodeId: string): NodeStep {
  return {
    id: 'rebuild',
    title: `Rebuild RSCT of ${name} with the node ID ${nodeId}, enable remote clients`,
    effect: 'irreversible',
    commands: rebuild(['-i', nodeId]),
    timeoutMs: 360_000,
    gates: rebuildGates,
    undo: `your image now has the node ID ${nodeId}; its own RSCT data from before is var-ct.tar in the run directory of step "save". Never run both images at the same time.`,
  };
}
