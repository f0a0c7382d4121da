/**
 * `ctsvhbal`: the identities that this node may claim when RSCT authenticates it to another.
 *
 *     ctsvhbal: The Host Based Authentication (HBA) mechanism identities for
 *     the local system are:
 *
 *             Identity:  lpar1.example.com
 *
 *             Identity:  10.20.1.11
 *
 *     ctsvhbal: In order for remote authentication to be successful, at least one
 *     of the above identities for the local system must appear in the trusted host
 *     list on the remote node where a service application resides. Ensure that at
 *     least one host name and one network address identity from the above list
 *     appears in the trusted host list on the remote node.
 *
 * The sentence below the list shows that it is whole. Identities without any sentence are read too; one sentence without
 * the other is an error. Printing nothing is no answer.
 * NOT PROVEN: no public capture was found; layout after the man page. Anything else is an error.
 * Source: RSCT 3.2, ctsvhbal man page.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost } from './layouts/addresses.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface Identities {
  /** Host names and addresses, in the order printed. */
  readonly identities: readonly string[];
}

const command = 'ctsvhbal';
const above =
  /^(?:\S*ctsvhbal: )?The Host Based Authentication \(HBA\) mechanism identities for the local system are:$/;
const below =
  /^(?:\S*ctsvhbal: )?In order for remote authentication to be successful, at least one of the above identities (?!.*\.\.)[A-Za-z ,.]+ remote node\.$/;
const identity = /^Identity:\s+(?<identity>\S+)$/;

/** Reads the list of `ctsvhbal` with the sentences around it. */
export const ctsvhbalReader: Reader<Identities> = { id: command, programs: [command], read };

function read(text: string): Answer<Identities> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => identity.test(line));
  if (failure !== null) return failed(failure);
  const first = lines.findIndex(isIdentity);
  const last = lines.findLastIndex(isIdentity);
  if (first === -1) throw endsEarly(command, 'no identity was printed', lines);
  const identities = lines.slice(first, last + 1).map(readIdentity);
  if (identities.length === lines.length) return answer({ identities });
  must(above, lines.slice(0, first), lines);
  must(below, lines.slice(last + 1), lines);
  return answer({ identities });
}

function isIdentity(line: Line): boolean {
  return identity.test(line.text);
}

function readIdentity(line: Line): string {
  const found = identity.exec(line.text)?.groups?.identity;
  if (found === undefined || !isHost(found)) throw notUnderstood(command, 'not an identity', line);
  return found;
}

/** A sentence may be broken anywhere between two words. */
function must(form: RegExp, lines: readonly Line[], all: readonly Line[]): void {
  const [first] = lines;
  if (first === undefined) throw endsEarly(command, 'a sentence is missing', all);
  const sentence = lines.map(({ text }) => text.replace(/\s+/g, ' ')).join(' ');
  if (!form.test(sentence)) throw notUnderstood(command, 'not what this command says', first);
}

/** The identities that this node may claim. */
export const claimedIdentities: Fact<Identities> = {
  command: nodeRead('/usr/sbin/rsct/bin/ctsvhbal', [], 'RSCT 3.2, ctsvhbal', {
    alternatives: ['/opt/rsct/bin/ctsvhbal'],
    needsRoot: true,
  }),
  reader: ctsvhbalReader,
};
