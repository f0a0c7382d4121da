import { addressOfAnother } from '../../fleet.js';
import { canonicalAddresses, linkLocals, ownAddresses } from './addresses.js';
import { curesOf } from './cures.js';
import { injectedAddresses } from './follow-up.js';
import { missingForHealth } from './health.js';
import { connectionSymptoms, hasWord, showing, showingEntry, type Draft, type Rule } from './rule.js';
import { valueOf, type Sight } from './sight.js';

/**
 * Row 8: on Power Virtual Server RMC runs over an IPv6 link-local address that the service injects at deployment; without
 * one there is no connection. Source: IBM Power Virtual Server, "RSCT package levels for imported AIX images".
 */
export const linkLocalMissing: Rule = {
  row: '8',
  explains: connectionSymptoms,
  find(sight) {
    const { target, collected } = sight;
    const interfaces = collected.node.ok ? valueOf(collected.node.facts.interfaces) : null;
    if (target.platform !== 'powervs' || interfaces === null || linkLocals(interfaces).length > 0) return [];
    const injected = injectedAddresses(sight);
    return [
      {
        id: 'rmc.ipv6-link-local-missing',
        severity: 'crit',
        title: `No network interface of ${target.name} has an IPv6 link-local address, and RMC on Power Virtual Server needs one.`,
        expected: 'one interface with an fe80::/64 address (an interface without IPv4 is normal)',
        observed: `none on ${interfaces.map((one) => one.name).join(', ')}. ${injected.words}`,
        evidence: [
          ...(collected.node.ok ? showing(collected.node.facts.interfaces, isInterfaceLine) : []),
          ...injected.evidence,
        ],
        fixes: curesOf('rmc.ipv6-link-local-missing'),
      },
    ];
  },
};

/**
 * Row 18: the address that the HMC holds for the LPAR is another's too, or is none of the LPAR's own. Two LPARs with one
 * address on one HMC break each other, even if one of them is shut off. A warning while RMC is up all the same.
 */
export const staleHmcEntry: Rule = {
  row: '18',
  // Not heard although TCP gets through would be row 14; that the HMC holds a wrong address says why.
  explains: ['rmc.hmc-views-disagree', 'rmc.heartbeat-down', 'rmc.dlpar-not-capable'],
  find(sight) {
    const other = addressOfAnother(sight.collected);
    if (other !== null) return [{ ...other, fixes: curesOf('rmc.stale-hmc-entry') }];
    if (sight.partition.kind !== 'found' || sight.partition.row.state !== 'Running') return [];
    const held = heldByHmc(sight);
    const problem = sharedWith(sight, held) ?? notItsOwn(sight, held);
    if (problem === null) return [];
    return [
      {
        id: 'rmc.stale-hmc-entry',
        severity: missingForHealth(sight).length === 0 ? 'warn' : 'crit',
        ...problem,
        evidence: [...hmcEvidence(sight, held), ...interfaceEvidence(sight)],
        fixes: curesOf('rmc.stale-hmc-entry'),
      },
    ];
  },
};

type Problem = Pick<Draft, 'title' | 'expected' | 'observed'>;

/** The addresses that lssyscfg and lspartition have for the LPAR. */
function heldByHmc({ partition, dlpar }: Sight): readonly string[] {
  const inSystem = partition.kind === 'found' ? partition.row.rmc_ipaddr : undefined;
  const inDlpar = dlpar.kind === 'found' ? dlpar.row.ipAddress : null;
  return canonicalAddresses([inSystem ?? '', inDlpar ?? '']);
}

function sharedWith(sight: Sight, held: readonly string[]): Problem | null {
  const { identity, system, target, collected } = sight;
  const hmc = collected.hmc?.ok ? collected.hmc.facts : null;
  if (!('lparId' in identity) || hmc === null || system.kind !== 'found') return null;
  const isHeld = (text: string | null | undefined) =>
    canonicalAddresses([text ?? '']).some((one) => held.includes(one));
  const inSystem = (valueOf(hmc.partitions) ?? [])
    .filter((row) => row.lpar_id !== String(identity.lparId) && isHeld(row.rmc_ipaddr))
    .map((row) => `${String(row.name)} (LPAR ${String(row.lpar_id)}, ${String(row.state)})`);
  const isItself = (lparId: number, serial: string) =>
    lparId === identity.lparId && serial === system.row.serial_num;
  const inDlpar = (valueOf(hmc.dlpar) ?? [])
    .filter((row) => !isItself(row.lparId, row.serial) && isHeld(row.ipAddress))
    .map((row) => `LPAR ${row.lparId} of ${row.machineType}*${row.serial}`);
  const [first, ...more] = inSystem.length > 0 ? inSystem : inDlpar;
  if (first === undefined) return null;
  return {
    title: `The HMC holds the address of ${target.name} for another LPAR too: the two break each other’s RMC.`,
    expected: 'an address that no other LPAR of the HMC has, not even one that is shut off',
    observed: `${held.join(', ')} is also that of ${[first, ...more].join(', ')}`,
  };
}

function notItsOwn({ target, collected }: Sight, held: readonly string[]): Problem | null {
  const interfaces = collected.node.ok ? valueOf(collected.node.facts.interfaces) : null;
  const own = interfaces === null ? [] : ownAddresses(interfaces);
  const strange = held.filter((one) => !own.includes(one));
  if (own.length === 0 || strange.length === 0) return null;
  return {
    title: `The HMC holds an address for ${target.name} that the LPAR does not have.`,
    expected: `an address of the LPAR’s own: ${own.join(', ')}`,
    observed: `the HMC has ${strange.join(', ')}`,
  };
}

function hmcEvidence({ collected, dlpar }: Sight, held: readonly string[]): Draft['evidence'] {
  const hmc = collected.hmc?.ok ? collected.hmc.facts : null;
  const isAbout = (line: string) => held.some((one) => hasWord(one)(line));
  const key =
    dlpar.kind === 'found' ? `${dlpar.row.lparId}*${dlpar.row.machineType}*${dlpar.row.serial}` : null;
  return [...showing(hmc?.partitions, isAbout), ...(key === null ? [] : showingEntry(hmc?.dlpar, key))];
}

function interfaceEvidence({ collected }: Sight): Draft['evidence'] {
  return collected.node.ok ? showing(collected.node.facts.interfaces, isInterfaceLine) : [];
}

/** The lines of ifconfig that name an interface or an address. */
function isInterfaceLine(line: string): boolean {
  return /^\w+\d+:|^\s*inet6?\s/.test(line);
}
