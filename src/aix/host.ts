/**
 * `host NAME`, `host ADDRESS`: what the node's own resolution makes of a name or an address.
 *
 *     erp1 is 10.20.1.11,  Aliases:   erp1.example.com, erp1-boot
 *     erp2 is 10.20.1.12
 *
 * A name or address that is not found is a message with a number. Printing nothing is no answer.
 * Source: AIX 7.2 commands, host: both forms as its page shows them. NOT PROVEN: more than one address in a row, and the
 * numbers of the messages.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { isHost, isIpv4, isIpv6 } from './layouts/addresses.js';
import { linesOf, notUnderstood, onlyLine } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface Resolved {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly aliases: readonly string[];
}

const row =
  /^(?<name>\S+) is (?<addresses>[0-9a-f.:]+(?:,\s*[0-9a-f.:]+)*)(?:,\s+Aliases:\s+(?<aliases>\S.*))?$/i;
/** Without a number on some levels. */
const refusal = /^host: .*(?:does not exist|not found|cannot find|unknown)/i;
/**
 * The resolver gives each silent name server 5 s before it asks the next (AIX, RES_TIMEOUT), so two of them may be down and
 * a third still answers in time. Not longer: there are many names to ask.
 */
const limitMs = 12_000;

/** Reads the one line of `host`. */
export const hostReader: Reader<Resolved> = { id: 'host', programs: ['host'], read };

function read(text: string): Answer<Resolved> {
  const lines = linesOf(text);
  const failure = failureIn('host', lines, (one) => row.test(one), refusal);
  if (failure !== null) return failed(failure);
  const line = onlyLine('host', lines, (one) => row.test(one));
  const { name = '', addresses = '', aliases = '' } = row.exec(line.text)?.groups ?? {};
  const found = {
    name,
    addresses: addresses.split(/,\s*/),
    aliases: aliases === '' ? [] : aliases.split(/[,\s]+/),
  };
  const isWhole =
    found.addresses.every((one) => isIpv4(one) || isIpv6(one)) && [name, ...found.aliases].every(isHost);
  if (!isWhole) throw notUnderstood('host', 'not a name with its addresses', line);
  return answer(found);
}

/** Can this be asked of `host`: a name or an address, and nothing that looks like a flag? */
export function canResolve(text: string): boolean {
  return text.length <= 255 && /^[A-Za-z0-9:][A-Za-z0-9._:-]*$/.test(text) && isHost(text);
}

/** How the node resolves a name or an address. Throws TypeError for anything else. */
export function resolved(nameOrAddress: string): Fact<Resolved> {
  if (!canResolve(nameOrAddress)) throw new TypeError(`neither a name nor an address: ${nameOrAddress}`);
  return {
    command: nodeRead('/usr/bin/host', [nameOrAddress], 'AIX 7.2 commands, host', { timeoutMs: limitMs }),
    reader: hostReader,
  };
}
