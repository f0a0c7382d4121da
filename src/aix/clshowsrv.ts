/**
 * `clshowsrv -v`: the subsystems that a PowerHA cluster needs, and the state of its manager.
 *
 *     Status of the RSCT subsystems used by PowerHA SystemMirror:
 *     Subsystem         Group            PID          Status
 *      cthags           cthags           12255618     active
 *     Status of the CAA subsystems:
 *     Subsystem         Group            PID          Status
 *      clcomd           caa              6553926      active
 *     Details of PowerHA SystemMirror cluster manager:
 *     Current state: ST_INIT
 *
 * Without `-v`, and on HACMP 5, the details are missing: the manager is then null. A part without rows, or nothing
 * at all, is no answer. Source: PowerHA SystemMirror 7.2, clshowsrv; layout as in public captures.
 */
import type { Answer, Reader } from '../core/fact.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readSubsystems, type Subsystem } from './lssrc.js';
import { readClusterManager, type ClusterManager } from './lssrc-clstrmgr.js';

export interface ClusterServices {
  readonly subsystems: readonly Subsystem[];
  readonly clusterManager: ClusterManager | null;
}

const command = 'clshowsrv';
const part = /^Status of the (?:optional )?[\w ]+ subsystems(?: used by [\w ]+)?:$/;
const details = /^Details of [\w ]+ cluster manager:$/;

/** Reads the parts of `clshowsrv`, with or without `-v`. */
export const clshowsrvReader: Reader<ClusterServices> = {
  id: command,
  programs: [command],
  read: readClshowsrv,
};

function readClshowsrv(text: string): Answer<ClusterServices> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => part.test(line) || details.test(line));
  if (failure !== null) return failed(failure);
  const [first] = lines;
  if (first === undefined) throw endsEarly(command, 'nothing was printed', lines);
  if (!part.test(first.text)) throw notUnderstood(command, 'not the title of a part', first);
  return answer(readParts(lines));
}

function readParts(lines: readonly Line[]): ClusterServices {
  const subsystems: Subsystem[] = [];
  const titles = new Set<string>();
  let clusterManager: ClusterManager | null = null;
  for (const [title, ...body] of split(lines)) {
    if (title === undefined) continue;
    if (titles.has(title.text)) throw notUnderstood(command, 'this part was printed already', title);
    titles.add(title.text);
    if (body.length === 0) throw notUnderstood(command, 'nothing was printed below this title', title);
    if (clusterManager !== null) throw notUnderstood(command, 'a part behind the details', title);
    if (details.test(title.text)) clusterManager = readClusterManager(command, body);
    else subsystems.push(...readSubsystems(command, body));
  }
  return { subsystems, clusterManager };
}

/** Each title with the lines below it. */
function split(lines: readonly Line[]): readonly (readonly Line[])[] {
  const parts: Line[][] = [];
  for (const line of lines) {
    if (part.test(line.text) || details.test(line.text)) parts.push([line]);
    else parts.at(-1)?.push(line);
  }
  return parts;
}
