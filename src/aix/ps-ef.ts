/**
 * `ps -ef`: the processes of the node.
 *
 *          UID     PID    PPID   C    STIME    TTY  TIME CMD
 *         root       1       0   0   Nov 02      -  0:14 /etc/init
 *         root 3539196       1   0 11:02:17      -  0:00 /usr/sbin/srcmstr
 *         root 7667848 6422854   0                  0:00 <defunct>
 *
 * A process that has ended and was not collected shows neither start nor terminal. A line that is no row is
 * an error, even where it may be the rest of an argument with a line end in it: who wrote it nobody can tell. Printing
 * nothing, or titles alone, is no answer.
 * Source: AIX 7.2 commands, ps; rows in the shape of public captures.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface Process {
  readonly user: string;
  readonly pid: number;
  /** Program and arguments as printed. */
  readonly command: string;
}

const titles = /^UID\s+PID\s+PPID\s+C\s+STIME\s+TTY\s+TIME\s+CMD$/;
const row =
  /^(?<user>[\w.@+-]+)\s+(?<pid>\d+)\s+\d+\s+\d+\s+(?:(?:\d{2}:\d{2}:\d{2}|[A-Z][a-z]{2} \d{1,2})\s+\S+\s+)?\d+:\d{2}\s+(?<command>\S.*)$/;

/** Reads the table of processes. */
export const psEfReader: Reader<readonly Process[]> = { id: 'ps-ef', programs: ['ps'], read };

function read(text: string): Answer<readonly Process[]> {
  const lines = linesOf(text);
  const failure = failureIn('ps-ef', lines, (line) => titles.test(line) || row.test(line));
  if (failure !== null) return failed(failure);
  const [first, ...rest] = lines;
  if (first === undefined || rest.length === 0) throw endsEarly('ps-ef', 'no process was printed', lines);
  if (!titles.test(first.text)) throw notUnderstood('ps-ef', 'not the titles of this table', first);
  return answer(
    rest.map((line) => {
      const { user, pid, command } = row.exec(line.text)?.groups ?? {};
      if (user === undefined || pid === undefined || command === undefined)
        throw notUnderstood('ps-ef', 'not a process', line);
      return { user, pid: Number(pid), command };
    }),
  );
}

/** Every process of the node. */
export const processes: Fact<readonly Process[]> = {
  command: nodeRead('/usr/bin/ps', ['-ef'], 'AIX 7.2 commands, ps', { maxBytes: 1024 * 1024 }),
  reader: psEfReader,
};
