/**
 * `grep -E 'clcomd|caa' /etc/services`: the ports that cluster communication has on this node.
 *
 *     caa_cfg         6181/tcp
 *     clcomd_caa      16191/tcp      # cluster communication
 *
 * Lines of comments are left as they are printed. grep ends with 1 and prints nothing where no line matches, which is an
 * answer. Source: AIX 7.2 files, /etc/services; AIX 7.2 commands, grep.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, notUnderstood } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';

export interface Service {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

const row = /^(?<name>[\w.+-]+)\s+(?<port>\d{1,5})\/(?<protocol>tcp|udp)(?:\s+[\w.+-]+)*(?:\s*#.*)?$/;
const refusal = /^grep: .*(?:cannot open|no such file)/i;

/** Reads matching lines of /etc/services. */
export const servicesReader: Reader<readonly Service[]> = { id: 'services', programs: ['grep'], read };

function read(text: string): Answer<readonly Service[]> {
  const lines = linesOf(text);
  const failure = failureIn('services', lines, (one) => row.test(one), refusal);
  if (failure !== null) return failed(failure);
  return answer(
    lines
      .filter(({ text: one }) => !/^#.*(?:clcomd|caa)/.test(one))
      .map((line) => {
        const { name = '', port = '', protocol = '' } = row.exec(line.text)?.groups ?? {};
        const isPort = Number(port) > 0 && Number(port) <= 65_535;
        if (name === '' || !isPort) throw notUnderstood('services', 'not a service with its port', line);
        return { name, port: Number(port), protocol };
      }),
  );
}

/** The ports of clcomd and of CAA's configuration. */
export const clusterServices: Fact<readonly Service[]> = {
  command: nodeRead('/usr/bin/grep', ['-E', 'clcomd|caa', '/etc/services'], 'AIX 7.2 commands, grep'),
  reader: servicesReader,
  exits: [1],
};
