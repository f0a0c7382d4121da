import { cloudInitAddresses, loggedLinkLocals, type LoggedAddress } from '../../aix/cloud-init-log.js';
import type { Reading } from '../../core/fact.js';
import type { NodeStep, PersonStep, Plan, Proposal } from '../../core/plan.js';
import { nodeChange } from '../../core/remote-command.js';
import { fix, type Asked } from '../definition.js';
import { canonicalAddress } from '../diagnostics/rmc/addresses.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { rmcFollowUp } from '../diagnostics/rmc/follow-up.js';
import type { Sight } from '../diagnostics/rmc/sight.js';
import { readGates, smallGates } from './rmc/gates.js';
import { groundOf, identityBasis, locksOf, notCured, refusalByRoots, rmcCaptures } from './rmc/ground.js';
import {
  linkLocalsNow,
  page,
  recreateInterface,
  refusalByLevel,
  refusalByPlace,
  refused,
  rsctLevel,
  supportCase,
  waitForService,
  type Injected,
} from './rmc/recovery.js';
import { enableRemoteClients } from './rmc/rmcctrl.js';
import { refusalByWords } from './rmc/words.js';

const id = 'rmc-ipv6-recovery';

const interrupts =
  'RMC is away already, and stays so until the address is back. Workload on the LPAR is not touched. Where the address is not in a log, the LPAR must be booted from its original image to read it, which stops everything on it.';

/** Brings the injected IPv6 link-local address back, by a person's hands, and RMC with it. Never rebuilds RSCT. */
export const rmcIpv6Recovery = fix({
  id,
  title: 'Recover the IPv6 link-local address that RMC needs',
  risk: 'high',
  summary:
    'Guides a person through giving the RMC interface of a Power Virtual Server LPAR its address back, then refreshes RMC and waits for it.',
  interrupts,
  cures: curedBy(id),
  node: { ...rmcNodeFacts, cloudInitAddresses },
  hmc: rmcHmcFacts,
  nodeFollowUp: rmcFollowUp,
  plan: propose,
});

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const { name } = collected.target;
  const early = refusalByWords(id, name, asked) ?? refusalByPlace(collected);
  if (early !== null) return early;
  const now = linkLocalsNow(collected);
  if (now === null) return refused('interfaces', `ifconfig -a on ${name} was not read.`);
  const [there] = now;
  if (there !== undefined)
    return {
      kind: 'nothing-to-do',
      reason: `${name} has the IPv6 link-local address ${there.address} on ${there.on}: it is not missing.`,
    };
  const ground = groundOf(collected, asked);
  const refusal =
    refusalByLevel(collected) ??
    refusalByRoots(ground, curedBy(id)) ??
    readGates(smallGates, collected) ??
    notCured(ground, id, 'This recovery');
  return refusal ?? { kind: 'plan', plan: planFor(collected, ground.sight) };
}

function planFor(collected: RmcCollected, sight: Sight): Plan {
  const { name } = sight.target;
  const logged = addressInLog(collected);
  const person = typeof logged === 'string' ? findAndRecreate(name, logged) : recreateInterface(name, logged);
  return {
    version: 1,
    fix: id,
    title: `Recover the IPv6 link-local address of ${name}`,
    risk: 'high',
    target: name,
    basis: [
      identityBasis(sight),
      'no network interface has an IPv6 link-local address',
      `rsct.core.rmc is at ${rsctLevel(collected) ?? 'no level'}`,
      typeof logged === 'string'
        ? `the address is not known: ${logged}`
        : `the log of cloud-init names ${logged.address} on ${logged.on}`,
    ],
    interrupts,
    captures: [
      ...rmcCaptures,
      { id: 'ifconfig', title: 'Network interfaces', command: rmcNodeFacts.interfaces.command },
      { id: 'cloud-init-log', title: 'Network as cloud-init saw it', command: cloudInitAddresses.command },
    ],
    steps: [person, refresh(name), waitForService(name)],
    verify: { kind: 'rmc-active', reads: 2 },
    rollback: {
      kind: 'none',
      reason:
        'It only puts back what the service had injected. Whoever does not want it takes the address off by smitty; RMC is then away again.',
    },
    ifItFails: supportCase(name),
    locks: locksOf(sight),
  };
}

/** The one address that the log gives for the latest boot that had any; in words why there is none. */
function addressInLog({ node }: RmcCollected): Injected | string {
  const facts = (node.ok ? node.facts : {}) as Readonly<Record<string, Reading<unknown> | undefined>>;
  const reading = facts['cloudInitAddresses'] as Reading<readonly LoggedAddress[]> | undefined;
  if (reading?.kind !== 'value') return 'the log of cloud-init could not be read';
  const found = loggedLinkLocals(reading.value);
  const latest = found.filter((one) => one.boot === found[0]?.boot);
  const [one, ...others] = latest;
  if (one === undefined) return 'the log of cloud-init holds no link-local address';
  if (others.length > 0)
    return `the log of cloud-init holds several: ${latest.map((row) => `${String(row.address)} on ${row.device}`).join(', ')}`;
  const address = (one.address ?? '').replace(/\/\d+$/, '').replace(/%\w+$/, '');
  if (canonicalAddress(address) === null) return 'the log of cloud-init holds no address that can be typed';
  return { address, on: one.device, hardwareAddress: one.hardwareAddress };
}

/** Without a log the address is only on the original image: a person reads it there. */
function findAndRecreate(name: string, why: string): PersonStep {
  return {
    kind: 'person',
    id: 'find-and-recreate',
    title: `Read the IPv6 link-local address of ${name} on its original image, and give it back`,
    instructions: [
      `The address is not known: ${why}.`,
      `Shut ${name} down and boot it from the image that Power Virtual Server deployed. If that image is gone, cancel here and open a support case.`,
      'There, look with: `/usr/sbin/ifconfig -a` Write down the inet6 address that begins with fe80: and the NIC that has it, and its hardware address: `/usr/bin/entstat -d entN`',
      `Shut ${name} down and boot it from the image that it runs now.`,
      `If ${name} then shows another SSH host key than the one that is pinned, it is refused: it must be the pinned one again.`,
      'Find the NIC with the same hardware address. Never use the NIC with your own IPv4 address; if the NIC is gone, cancel here and open a support case.',
      "With smitty, or with this one command, N being that NIC's number: `/usr/sbin/chdev -l enN -a netaddr6=ADDRESS -a prefixlen=64 -a state=up`",
      'Type exactly the address that you wrote down. Do not make one up, and do not run `autoconf6 -a` or `-A`.',
    ],
    check: [{ kind: 'reached' }, { kind: 'link-local', address: null }],
    timeoutMs: 0,
    undo: 'take the address off the interface again with smitty, if it is not to stay.',
  };
}

function refresh(name: string): NodeStep {
  return {
    id: 'refresh-rmc',
    title: `Let RMC of ${name} accept connections and read its management domain again`,
    effect: 'idempotent',
    commands: [
      { command: enableRemoteClients, always: false },
      // Documented on one page only, and not of every level.
      { command: refreshDomain, always: false, onlyWhereInstalled: true },
    ],
    timeoutMs: 120_000,
    gates: smallGates,
  };
}

const refreshDomain = nodeChange('idempotent', '/usr/sbin/rsct/bin/rmcrefreshMD', ['-s', 'ctrmc'], page, {
  alternatives: ['/opt/rsct/bin/rmcrefreshMD'],
  timeoutMs: 60_000,
});
