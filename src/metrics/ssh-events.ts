import type { Observed } from '../core/observe.js';
import type { Instruments } from './instruments.js';
import { among, other, type Words } from './words.js';

type SshNotice = Extract<
  Observed,
  {
    kind:
      | 'ssh-connected'
      | 'ssh-failed'
      | 'ssh-closed'
      | 'remote-ended'
      | 'hmc-wanted'
      | 'hmc-entered'
      | 'hmc-gave-up'
      | 'not-understood';
  }
>;

const connectBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const remoteBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const sessionBuckets = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** What is counted about nodes and HMCs. */
export function sshInstruments(make: Instruments, { commands, hmcs }: Words) {
  const open = make.gauge('aixops_ssh_open_connections', 'SSH connections that are open now.', ['role']);
  for (const role of ['node', 'hmc', 'jump']) open.set({ role }, 0);
  const waiting = make.gauge(
    'aixops_hmc_waiting',
    'Remote commands of this process that wait for a session on an HMC.',
    ['hmc'],
  );
  for (const hmc of hmcs) waiting.set({ hmc }, 0);
  const unread = make.counter(
    'aixops_answers_not_understood_total',
    'Answers of remote commands that were not understood, by the id that "aixops explain" takes.',
    ['command'],
  );
  // A counter that begins with its first fault would not show that fault as an increase.
  for (const command of [...commands, other]) unread.inc({ command }, 0);
  return {
    open,
    waiting,
    unread,
    connects: make.counter(
      'aixops_ssh_connects_total',
      'Tries to connect and log in, by what came of them.',
      ['role', 'result'],
    ),
    connect: make.histogram(
      'aixops_ssh_connect_seconds',
      'How long the parts of connecting took: tcp, handshake, login.',
      connectBuckets,
      ['role', 'phase'],
    ),
    remotes: make.counter('aixops_remote_commands_total', 'Remote commands and scripts, by how they ended.', [
      'role',
      'how',
      'ended',
    ]),
    remote: make.histogram(
      'aixops_remote_command_seconds',
      'How long remote commands and scripts took.',
      remoteBuckets,
      ['role', 'how'],
    ),
    waited: make.histogram(
      'aixops_hmc_wait_seconds',
      'How long remote commands waited for a session on an HMC.',
      sessionBuckets,
      ['hmc'],
    ),
    commandOf: among(commands),
    hmcOf: among(hmcs),
  };
}

/** Counts one thing that was noticed about nodes and HMCs. */
export function recordSsh(to: ReturnType<typeof sshInstruments>, what: SshNotice): void {
  switch (what.kind) {
    case 'ssh-connected':
      to.connects.inc({ role: what.role, result: 'connected' });
      to.open.inc({ role: what.role });
      to.connect.observe({ role: what.role, phase: 'tcp' }, what.tcpMs / 1_000);
      to.connect.observe({ role: what.role, phase: 'handshake' }, what.handshakeMs / 1_000);
      {
        to.connect.observe({ role: what.role, phase: 'login' }, what.loginMs / 1_000);
        return;
      }
    case 'ssh-failed': {
      to.connects.inc({ role: what.role, result: what.reason });
      return;
    }
    case 'ssh-closed': {
      to.open.dec({ role: what.role });
      return;
    }
    case 'remote-ended':
      to.remotes.inc({ role: what.role, how: what.how, ended: what.ended });
      {
        to.remote.observe({ role: what.role, how: what.how }, what.ms / 1_000);
        return;
      }
    case 'hmc-wanted': {
      to.waiting.inc({ hmc: to.hmcOf(what.hmc) });
      return;
    }
    case 'hmc-entered':
      to.waiting.dec({ hmc: to.hmcOf(what.hmc) });
      {
        to.waited.observe({ hmc: to.hmcOf(what.hmc) }, what.waitedMs / 1_000);
        return;
      }
    case 'hmc-gave-up': {
      to.waiting.dec({ hmc: to.hmcOf(what.hmc) });
      return;
    }
    case 'not-understood': {
      to.unread.inc({ command: to.commandOf(what.command) });
      return;
    }
  }
}
