/**
 * `ctsvhbac`: are the keys and the trusted host list that RSCT authenticates with in order on this node?
 *
 *     ------------------------------------------------------------------------
 *     Host Based Authentication Mechanism Verification Check
 *
 *     Private and Public Key Verifications
 *
 *           Configuration file:  /var/ct/cfg/ctcasd.cfg
 *                       Status:  Available
 *                     Key Type:  rsa1024
 *                                RSA key generation method, 1024-bit key
 *
 *             Private Key file:  /var/ct/cfg/ct_has.qkf
 *                       Source:  Configuration file
 *                       Status:  Available
 *                     Key Type:  rsa1024
 *                                RSA key generation method, 1024-bit key
 *
 *                   Key Parity:  Public and private keys are in pair
 *
 *     Trusted Host List File Verifications
 *
 *       Trusted Host List file:  /var/ct/cfg/ct_has.thl
 *                       Source:  Configuration file
 *                       Status:  Available
 *
 *                     Identity:  lpar1.example.com
 *                       Status:  Trusted host
 *
 *     Host Based Authentication Mechanism Verification Check completed
 *     ------------------------------------------------------------------------
 *
 * An identity that is not `Trusted host` is one by which the HMC will not believe this node. The last sentence shows
 * that the output is whole; without the first one, identities with their status may stand alone, and then nothing is
 * known of the keys. Printing nothing is no answer.
 * NOT PROVEN: no public capture was found; layout after the man page. Any other label or sentence is an error.
 * Source: RSCT 3.2, ctsvhbac man page.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

interface CheckedFile {
  /** `Private Key file` and so on, as printed. */
  readonly item: string;
  readonly path: string;
  readonly status: string;
}

export interface CheckedIdentity {
  readonly identity: string;
  readonly status: string;
}

export interface TrustCheck {
  /** All four, or none where only identities were printed. */
  readonly files: readonly CheckedFile[];
  /** Null where only identities were printed. */
  readonly keyParity: string | null;
  readonly identities: readonly CheckedIdentity[];
}

interface Item {
  readonly label: string;
  readonly value: string;
  readonly line: Line;
  readonly extras: Map<string, string>;
}

const command = 'ctsvhbac';
const rule = /^-{20,}$/;
const sentence = 'Host Based Authentication Mechanism Verification Check';
const titles = ['Private and Public Key Verifications', 'Trusted Host List File Verifications'];
const opening =
  /^(?<label>Configuration file|Private Key file|Public Key file|Trusted Host List file|Key Parity|Identity):\s+(?<value>\S.*)$/;
const extra = /^(?<label>Source|Status|Key Type):\s+(?<value>\S.*)$/;
/** Below a value, in its column: what it means, in words. */
const continuation = /^\s{12,}[A-Za-z][\w ,.()'/-]*$/;

/** Reads the full output of `ctsvhbac`. */
export const ctsvhbacReader: Reader<TrustCheck> = { id: command, programs: [command], read };

function read(text: string): Answer<TrustCheck> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => opening.test(line) || line.startsWith(sentence));
  if (failure !== null) return failed(failure);
  if (lines[0]?.text.startsWith('Identity:') === true) return answer(identitiesAlone(lines));
  const items = readItems(bodyOf(lines), titles);
  const parity = items.filter(({ label }) => label === 'Key Parity');
  const [first, second] = parity;
  if (first === undefined) throw endsEarly(command, 'Key Parity is missing', lines);
  if (second !== undefined) throw notUnderstood(command, 'Key Parity was printed already', second.line);
  const facts = {
    files: items
      .filter(({ label }) => label.endsWith('file'))
      .map((item) => ({ item: item.label, path: item.value, status: statusOf(item) })),
    keyParity: first.value,
    identities: items.filter(({ label }) => label === 'Identity').map(identityOf),
  };
  if (facts.files.length !== 4 || new Set(facts.files.map(({ item }) => item)).size !== 4)
    throw endsEarly(command, 'four files belong here', lines);
  if (facts.identities.length === 0) throw endsEarly(command, 'no identity was checked', lines);
  return answer(facts);
}

function identitiesAlone(lines: readonly Line[]): TrustCheck {
  const items = readItems(lines, []);
  const other = items.find(({ label }) => label !== 'Identity');
  if (other !== undefined) throw notUnderstood(command, 'this has no place below identities', other.line);
  return { files: [], keyParity: null, identities: items.map(identityOf) };
}

/** The lines between the first sentence and the last one, with the rules around them taken off. */
function bodyOf(lines: readonly Line[]): readonly Line[] {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) throw endsEarly(command, 'nothing was printed', lines);
  const inner = lines.slice(rule.test(first.text) ? 1 : 0, rule.test(last.text) ? -1 : undefined);
  const [begin, ...rest] = inner;
  if (begin?.text !== sentence) throw notUnderstood(command, 'not the first sentence', begin ?? first);
  if (rest.at(-1)?.text !== `${sentence} completed`) throw endsEarly(command, 'the end is missing', lines);
  return rest.slice(0, -1);
}

function readItems(lines: readonly Line[], parts: readonly string[]): readonly Item[] {
  const items: Item[] = [];
  const seen: string[] = [];
  let last = '';
  for (const line of lines) {
    const item = items.at(-1);
    const opened = opening.exec(line.text)?.groups;
    const added = extra.exec(line.text)?.groups;
    if (parts[seen.length] === line.text) seen.push(line.text);
    else if (opened?.label !== undefined && seen.length >= Math.min(1, parts.length))
      items.push({ label: opened.label, value: opened.value ?? '', line, extras: new Map() });
    else if (added?.label !== undefined && item !== undefined && !item.extras.has(added.label))
      item.extras.set(added.label, added.value ?? '');
    else if (item === undefined || last === '' || !continuation.test(line.raw))
      throw notUnderstood(command, 'not a line of this output', line);
    else item.extras.set(last, `${item.extras.get(last) ?? ''} ${line.text}`);
    last = added?.label ?? (opened === undefined && !parts.includes(line.text) ? last : '');
  }
  if (seen.length !== parts.length) throw endsEarly(command, 'a part is missing', lines);
  return items;
}

function statusOf(item: Item): string {
  const status = item.extras.get('Status');
  if (status === undefined) throw notUnderstood(command, 'no status belongs to this', item.line);
  return status;
}

function identityOf(item: Item): CheckedIdentity {
  if (!isHost(item.value)) throw notUnderstood(command, 'not a host name or address', item.line);
  return { identity: item.value, status: statusOf(item) };
}

/**
 * The check of keys and trusted hosts. Its exit status is that of a cluster probe: 10 is attention, 20 is a problem,
 * each with the whole output.
 */
export const trustCheck: Fact<TrustCheck> = {
  command: nodeRead('/usr/sbin/rsct/bin/ctsvhbac', [], 'RSCT 3.2, ctsvhbac', {
    alternatives: ['/opt/rsct/bin/ctsvhbac'],
    needsRoot: true,
  }),
  reader: ctsvhbacReader,
  exits: [10, 20],
};

/** The identities that the node's own trusted host list does not vouch for. */
export function untrusted(check: TrustCheck): readonly CheckedIdentity[] {
  return check.identities.filter(({ status }) => status !== 'Trusted host');
}
