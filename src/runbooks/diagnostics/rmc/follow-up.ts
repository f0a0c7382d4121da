import { cloudInitAddresses, loggedLinkLocals, type LoggedAddress } from '../../../aix/cloud-init-log.js';
import { trustCheck, untrusted, type TrustCheck } from '../../../aix/ctsvhbac.js';
import { managementPathCheck } from '../../../aix/ctsyschk.js';
import { inBandHmcs, type McProxy } from '../../../aix/lssrc-mcproxy.js';
import { tcpReach, type TcpReach } from '../../../aix/rmc-reach.js';
import type { Evidence, FactSet, Reading } from '../../../core/fact.js';
import { linkLocals } from './addresses.js';
import type { RmcCollected } from './facts.js';
import { addressesOf } from './peers.js';
import { look, statusOf, valueOf, type Sight } from './sight.js';

/** An HMC has few addresses; a node that names many must not make a second round trip long. */
const mostAddresses = 2;

/**
 * What else the node is asked after a look at its first answers, in one more round trip; null for nothing. Whether the
 * HMC can be reached where it is not heard, who is connected in band where nobody is out of band, what
 * cloud-init configured where the injected address is gone, and RSCT's own checks where a handshake or large packets fail.
 */
export function rmcFollowUp(collected: RmcCollected): FactSet | null {
  const sight = look(collected);
  const facts: FactSet = {
    ...(hasNoPeer(sight) && statusOf(sight, 'mcproxy') === 'active' && { inBandHmcs }),
    ...(isActive(sight) && sight.link.state === 'O' && reachFacts(sight)),
    ...(isActive(sight) && sight.link.state === 'i' && { trustCheck }),
    ...(isActive(sight) && sight.link.state === 'X' && { managementPathCheck }),
    ...(lacksLinkLocal(sight) && { cloudInitAddresses }),
  };
  return Object.keys(facts).length === 0 ? null : facts;
}

/** What became of a TCP connection from the node to port 657 of its HMC. */
export interface Tcp {
  readonly kind: 'connected' | 'refused' | 'timed-out' | 'unread';
  readonly addresses: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** The best of the tries: one address that answers shows that the way is open. Unread where none was tried or none told. */
export function tcpToHmc(sight: Sight): Tcp {
  const readings = hmcAddresses(sight).map((address, at) => ({
    address,
    reading: followUp<TcpReach>(sight, reachName(at)),
  }));
  const evidence = readings.flatMap(({ reading }) => (reading === undefined ? [] : [reading.evidence]));
  const results = readings.map(({ address, reading }) => ({ address, result: valueOf(reading)?.result }));
  const told = (kind: Tcp['kind'], wanted: readonly (string | undefined)[]): Tcp | null => {
    const found = results.filter(({ result }) => wanted.includes(result));
    return found.length === 0 ? null : { kind, addresses: found.map(({ address }) => address), evidence };
  };
  const answered = told('connected', ['connected']) ?? told('refused', ['refused']);
  if (answered !== null) return answered;
  // One address that nobody could try might be the one that answers.
  const silent = told('timed-out', ['timed-out', 'unreachable']);
  const isWhole = silent !== null && silent.addresses.length === results.length;
  return isWhole ? silent : { kind: 'unread', addresses: [], evidence };
}

/** Whether an HMC is connected in band, by `mcproxy`; `none` also where mcproxy is not there or does not run. */
export function inBand(sight: Sight): {
  readonly kind: 'connected' | 'none' | 'unread';
  readonly evidence: readonly Evidence[];
} {
  const reading = followUp<McProxy>(sight, 'inBandHmcs');
  const status = statusOf(sight, 'mcproxy');
  const evidence = reading === undefined ? [] : [reading.evidence];
  if (!hasNoPeer(sight) || status === 'absent' || status === 'inoperative') return { kind: 'none', evidence };
  const read = valueOf(reading);
  if (read === null) return { kind: 'unread', evidence };
  return { kind: read.hosts.length > 0 ? 'connected' : 'none', evidence };
}

/** Whether the node shows a connection to its HMC, out of band or in band. */
export function isConnected(sight: Sight): boolean {
  return sight.link.state === 'I' || inBand(sight).kind === 'connected';
}

/** What cloud-init's log says of the address that the service injected, in words and as printed. */
export function injectedAddresses(sight: Sight): { words: string; evidence: readonly Evidence[] } {
  const reading = followUp<readonly LoggedAddress[]>(sight, 'cloudInitAddresses');
  const evidence = reading === undefined ? [] : [reading.evidence];
  const rows = valueOf(reading);
  if (rows === null) return { words: 'The log of cloud-init was not read.', evidence };
  const found = loggedLinkLocals(rows).map(
    ({ address, device, hardwareAddress }) =>
      `${String(address)} on ${device}${hardwareAddress === null ? '' : ` (${hardwareAddress})`}`,
  );
  const words =
    found.length === 0
      ? 'The log of cloud-init has no link-local address either.'
      : `The log of cloud-init has ${found.join(', ')}.`;
  return { words, evidence };
}

/** What RSCT's own check of its trusted hosts says (`ctsvhbac`), where it was asked: a sentence, or nothing. */
export function trustProblems(sight: Sight): { words: string; evidence: readonly Evidence[] } {
  const reading = followUp<TrustCheck>(sight, 'trustCheck');
  const check = valueOf(reading);
  if (reading === undefined || check === null) return { words: '', evidence: [] };
  const names = untrusted(check).map(({ identity }) => identity);
  const words =
    names.length === 0
      ? ' ctsvhbac finds nothing wrong on the LPAR: the HMC’s half needs IBM support.'
      : ` ctsvhbac does not trust ${names.join(', ')}.`;
  return { words, evidence: [reading.evidence] };
}

/** The output of RSCT's own check of the way to the HMC (`ctsyschk -C m`), where this level has it. */
export function pathCheck(sight: Sight): readonly Evidence[] {
  const reading = followUp<unknown>(sight, 'managementPathCheck');
  return reading?.kind === 'value' ? [reading.evidence] : [];
}

function isActive(sight: Sight): boolean {
  return statusOf(sight, 'ctrmc') === 'active';
}

function hasNoPeer({ domain, controlPoints }: Sight): boolean {
  return domain?.controlPoints.length === 0 && controlPoints?.length === 0;
}

function lacksLinkLocal({ target, collected }: Sight): boolean {
  const interfaces = collected.node.ok ? valueOf(collected.node.facts.interfaces) : null;
  return target.platform === 'powervs' && interfaces !== null && linkLocals(interfaces).length === 0;
}

function reachFacts(sight: Sight): FactSet {
  const facts = hmcAddresses(sight).map((address, at) => [reachName(at), tcpReach(address)] as const);
  return Object.fromEntries(facts);
}

function reachName(at: number): string {
  return `tcpReach${at + 1}`;
}

/** By which addresses the node knows the HMC that it does not hear. The same list asks and is read by. */
function hmcAddresses({ peers, link }: Sight): readonly string[] {
  return addressesOf(peers, link.rows).slice(0, mostAddresses);
}

/** The follow-up's facts are asked by name above, each with the type that is read here. */
function followUp<T>({ collected }: Sight, name: string): Reading<T> | undefined {
  if (collected.followUp?.ok !== true) return undefined;
  return (collected.followUp.facts as Readonly<Record<string, Reading<T> | undefined>>)[name];
}
