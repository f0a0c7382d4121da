/** What people would use instead to ask many nodes one thing, each as its manual says. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplayLab } from '../lab/replay/replay-lab.js';

export interface Peer {
  readonly name: string;
  /** Debian's package. */
  readonly from: string;
  /** What must be on the machine. */
  readonly program: string;
  /** The program and its arguments for the nodes of this lab. */
  readonly call: (lab: ReplayLab, folder: string) => Call;
}

export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The question: the same to each peer. What comes back is what our script's commands print. */
export const question = '/usr/bin/ksh -c "rsct level"';

/** How OpenSSH reaches the nodes of a lab. */
export function sshOptions(lab: ReplayLab): readonly string[] {
  return [
    ...['-F', '/dev/null', '-o', `UserKnownHostsFile=${lab.knownHosts}`, '-o', 'StrictHostKeyChecking=yes'],
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'LogLevel=ERROR'],
    ...['-i', lab.identityFile, '-p', String(lab.port), '-l', 'root'],
  ];
}

function hostsFile(lab: ReplayLab, folder: string): string {
  const file = join(folder, 'hosts');
  writeFileSync(file, lab.nodes.map(({ address }) => `${address}\n`).join(''));
  return file;
}

export const peers: readonly Peer[] = [
  {
    name: 'ansible -m raw, 50 forks',
    from: 'ansible-core',
    program: 'ansible',
    call: (lab, folder) => {
      const inventory = join(folder, 'hosts.ini');
      writeFileSync(inventory, `[all]\n${lab.nodes.map(({ address }) => `${address}\n`).join('')}`);
      return {
        program: 'ansible',
        args: ['all', '-i', inventory, '-m', 'raw', '-a', question, '-f', '50'],
        env: {
          ANSIBLE_REMOTE_USER: 'root',
          ANSIBLE_REMOTE_PORT: String(lab.port),
          ANSIBLE_PRIVATE_KEY_FILE: lab.identityFile,
          ANSIBLE_SSH_COMMON_ARGS: `-F /dev/null -o UserKnownHostsFile=${lab.knownHosts}`,
          ANSIBLE_LOCAL_TEMP: join(folder, 'ansible'),
          ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'cp'),
          // The masters that stay behind would answer the next run, and outlive this one.
          ANSIBLE_SSH_ARGS: '-o ControlMaster=no',
          ANSIBLE_NOCOLOR: '1',
        },
      };
    },
  },
  {
    name: 'clush, fan-out 64',
    from: 'clustershell',
    program: 'clush',
    call: (lab, folder) => ({
      program: 'clush',
      args: [
        '--hostfile',
        hostsFile(lab, folder),
        '-f',
        '64',
        '-q',
        '-o',
        sshOptions(lab).join(' '),
        question,
      ],
    }),
  },
  {
    name: 'pdsh, fan-out 64',
    from: 'pdsh',
    program: 'pdsh',
    call: (lab, folder) => ({
      program: 'pdsh',
      args: ['-R', 'ssh', '-f', '64', '-w', `^${hostsFile(lab, folder)}`, question],
      env: { PDSH_SSH_ARGS: `${sshOptions(lab).join(' ')} %h` },
    }),
  },
  {
    name: 'parallel-ssh, 64 at once',
    from: 'pssh',
    program: 'parallel-ssh',
    call: (lab, folder) => ({
      program: 'parallel-ssh',
      args: [
        '-h',
        hostsFile(lab, folder),
        '-p',
        '64',
        '-t',
        '60',
        '-i',
        '-x',
        sshOptions(lab).join(' '),
        question,
      ],
    }),
  },
  {
    name: 'xargs -P 64 ssh',
    from: 'openssh-client',
    program: 'ssh',
    call: (lab, folder) => ({
      program: 'xargs',
      args: [
        '-a',
        hostsFile(lab, folder),
        '-P',
        '64',
        '-I',
        '{}',
        'ssh',
        ...sshOptions(lab),
        '-n',
        '{}',
        question,
      ],
    }),
  },
];

/** Whether the program of a peer is on this machine. */
export function isThere(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$1" >/dev/null', 'sh', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
