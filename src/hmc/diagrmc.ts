/**
 * `diagrmc -m SYSTEM --ip ADDRESS --id N -v`: the HMC's own diagnosis of one LPAR's RMC connection: network settings,
 * firewall, the RMC subsystem, duplicate node IDs, recycled addresses. Without `--autocorrect` it changes nothing.
 *
 *     10.20.0.31 has RMC connection.
 *
 * The man page says what is checked and not what is printed, and no public capture was found. One sentence is known, from
 * IBM's Linux tests (op-test, avocado-misc-tests), which look for it: the one above. All lines are kept as printed, for
 * people; nothing else may be concluded from them. Printing nothing is no answer, and neither is a prompt, a message
 * with a code, or a control character among the lines.
 * Source: IBM Power Systems HMC commands, diagrmc.
 */
import { isIpv4, isIpv6 } from '../aix/layouts/addresses.js';
import type { Answer, Fact, Reader } from '../core/fact.js';
import { hmcRead } from '../core/remote-command.js';
import { hmcFailure, isForeignLine } from './layouts/failure.js';
import { notUnderstood, readPrinted } from './layouts/printed.js';

export interface Diagnosis {
  /** Addresses that the HMC says it has an RMC connection to. */
  readonly connected: readonly string[];
  /** Lines as printed, blank ones left out. */
  readonly lines: readonly string[];
}

const hasConnection = /^\s*(?<address>[0-9A-Fa-f:.]+) has RMC connection\.\s*$/;

/** Keeps what `diagrmc` prints. */
export const diagrmcReader: Reader<Diagnosis> = { id: 'diagrmc', programs: ['diagrmc'], read };

function read(text: string): Answer<Diagnosis> {
  return readPrinted(text, ['diagrmc'], ({ lines }) => {
    const failure = hmcFailure(lines);
    if (failure !== null) return { kind: 'failure', failure };
    if (lines.length === 0) throw notUnderstood('diagrmc', 'nothing was printed', undefined);
    const foreign = lines.find((line) => isForeignLine(line.text));
    if (foreign !== undefined) throw notUnderstood('diagrmc', 'not a line of this output', foreign);
    const connected = lines.flatMap((line) => hasConnection.exec(line.text)?.groups?.['address'] ?? []);
    return { kind: 'facts', facts: { connected, lines: lines.map((line) => line.text.trimEnd()) } };
  });
}

/** The diagnosis of one LPAR, without repairs. Throws TypeError for what is no address or no LPAR id. */
export function diagrmc(hmcSystemName: string, address: string, lparId: number): Fact<Diagnosis> {
  if (!isIpv4(address) && !isIpv6(address)) throw new TypeError(`not an IP address: ${address}`);
  if (!Number.isInteger(lparId) || lparId < 1) throw new TypeError(`not an LPAR id: ${String(lparId)}`);
  const args = ['-m', hmcSystemName, '--ip', address, '--id', String(lparId), '-v'];
  return {
    command: hmcRead('diagrmc', args, 'IBM Power Systems HMC commands, diagrmc', { timeoutMs: 120_000 }),
    reader: diagrmcReader,
  };
}
