import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/**
 * Ends every process that the lab's shells have left running, detached ones too. They are known by AIXOPS_LAB in
 * their environment; macOS does not show that of its own programs, so there by the process groups that shells of the
 * lab lead (`groups`). Returns how many were found.
 */
export async function endProcesses(lab: string, groups: ReadonlySet<number>): Promise<number> {
  let ended = 0;
  // A process that is ended may have begun another in the meantime: look until there are none.
  for (let round = 0; round < 40; round += 1) {
    const left = find(lab, groups);
    if (left.length === 0) return ended;
    ended += left.length;
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone by itself.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`processes of the lab at ${lab} cannot be ended: ${find(lab, groups).join(', ')}`);
}

/** Ends every process of one node, as switching it off does. On macOS only those whose environment ps shows. */
export function endNodeProcesses(root: string): void {
  const pids =
    process.platform === 'linux'
      ? findByProc(`LAB_ROOT=${root}\0`)
      : findByPs(`LAB_ROOT=${root} `, new Set());
  for (const pid of pids) {
    try {
      if (pid !== process.pid) process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
}

/** Process ids of the lab that are alive; a process that has ended and waits for its parent does not count. */
export function find(lab: string, groups: ReadonlySet<number>): number[] {
  const pids =
    process.platform === 'linux' ? findByProc(`AIXOPS_LAB=${lab}\0`) : findByPs(`AIXOPS_LAB=${lab} `, groups);
  return pids.filter((pid) => pid !== process.pid);
}

function findByProc(mark: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        // A process that has ended has an empty environment.
        return readFileSync(`/proc/${entry}/environ`, 'latin1').includes(mark);
      } catch {
        // Gone in the meantime, or somebody else's.
        return false;
      }
    })
    .map(Number);
}

/** macOS: `ps -E` shows the environment, of programs that are not the system's own. */
function findByPs(mark: string, groups: ReadonlySet<number>): number[] {
  const text = execFileSync('/bin/ps', ['-Awwx', '-E', '-o', 'pid=,pgid=,stat=,command='], {
    encoding: 'latin1',
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split('\n').flatMap((line) => {
    const [, pid, group, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith('Z') === true) return [];
    const isOurs = groups.has(Number(group)) || `${command ?? ''} `.includes(mark);
    return isOurs ? [Number(pid)] : [];
  });
}
