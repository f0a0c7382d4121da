/**
 * `ctsyschk -C m`: IBM's own check of the path between an LPAR and its HMC: is RMC's port behind a firewall, and do the
 * packet sizes fit?
 *
 * The man page says what is checked and not what is printed, and no public capture was found. So the lines are kept as
 * printed, for people: nothing may be concluded from them but that the check ran to its end. Its failures are messages
 * with a number. Printing nothing is no answer, and neither is a prompt or a control character among the lines.
 * Source: AIX 7.2 commands, ctsyschk.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface Said {
  /** Lines as printed, blank ones left out. */
  readonly lines: readonly string[];
}

const command = 'ctsyschk';
const alien =
  /[\x00-\x08\x0b-\x1f\x7f]|^(?:\S+:)?\S*[#$>] |^(?:-?|\/\S+\/)k?sh\w*: |^usage:|^Connection to \S+ closed/i;

/** Keeps what `ctsyschk` printed. */
export const ctsyschkReader: Reader<Said> = { id: command, programs: [command], read };

function read(text: string): Answer<Said> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, () => false);
  if (failure !== null) return failed(failure);
  if (lines.length === 0) throw endsEarly(command, 'nothing was printed', lines);
  const foreign = lines.find((line) => alien.test(line.text));
  if (foreign !== undefined) throw notUnderstood(command, 'not a line of this output', foreign);
  return answer({ lines: lines.map(({ raw }) => raw.trimEnd()) });
}

/** The check of the management domain's path, on levels that have it; elsewhere the program is missing. */
export const managementPathCheck: Fact<Said> = {
  command: nodeRead('/usr/sbin/rsct/bin/ctsyschk', ['-C', 'm'], 'AIX 7.2 commands, ctsyschk', {
    alternatives: ['/opt/rsct/bin/ctsyschk'],
    needsRoot: true,
    timeoutMs: 60_000,
  }),
  reader: ctsyschkReader,
};
