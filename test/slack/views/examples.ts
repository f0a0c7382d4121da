import type { Change, ChangeState, HistoryEntry, JournalEntry, Move } from '../../../src/approval/states.js';
import { digestOf } from '../../../src/core/canonical.js';
import type { NodeStep, Plan } from '../../../src/core/plan.js';
import { nodeChange, nodeRead } from '../../../src/core/remote-command.js';
import type { Request } from '../../../src/core/request.js';
import type { Finding, Verdict } from '../../../src/core/verdict.js';

/** Values for tests of views. All are invented; command output is reconstructed from the shapes in IBM's manual pages. */

export const requester = 'U0ASKER';
export const approver = 'U0APPROVER';
const at = (minute: number): string => `2026-03-04T03:${String(minute).padStart(2, '0')}:00.000Z`;

export const healthy = (target: string): Verdict => ({
  target,
  diagnostic: 'rmc',
  verdict: 'ok',
  findings: [],
  startedAt: at(5),
  durationMs: 1_240,
});

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    id: 'rmc.daemon-down',
    severity: 'crit',
    title: 'RMC is down: ctrmc is not running',
    expected: 'ctrmc active',
    observed: 'ctrmc inoperative',
    evidence: [
      {
        target: 'lpar2',
        command: '/usr/bin/lssrc -a',
        excerpt:
          'Subsystem         Group            PID          Status \n ctcas            rsct                          inoperative\n ctrmc            rsct                          inoperative',
      },
    ],
    fixes: ['rmc-restart'],
    ...over,
  };
}

export function verdict(
  target: string,
  findings: readonly Finding[],
  level: Verdict['verdict'] = 'crit',
): Verdict {
  return { ...healthy(target), verdict: level, findings };
}

export const daemonDown = verdict('lpar2', [
  finding(),
  finding({
    id: 'rmc.not-registered',
    severity: 'crit',
    title: 'The HMC has no connection to this LPAR',
    expected: 'Active at least 1',
    observed: 'Active 0, DCaps 0x0',
    evidence: [
      {
        target: 'hmc1',
        command: 'lspartition -dlpar',
        excerpt:
          '<#1> Partition:<4*9009-42A*7800001, lpar2, 10.0.1.12>\n       Active:<0>, OS:<AIX, 7.2, 7200-05-03-2148>, DCaps:<0x0>, CmdCaps:<0x0b, 0x0b>, PinnedMem:<0>',
      },
    ],
    fixes: [],
    follows: 'rmc.daemon-down',
  }),
]);

export const unreachable = verdict(
  'lpar7',
  [
    finding({
      id: 'node.unreachable',
      severity: 'unknown',
      title: 'Not reached: connecting to lpar7:22 timed out after 10 s',
      expected: 'an SSH session',
      observed: 'no answer within 10 s',
      evidence: [],
      fixes: [],
    }),
  ],
  'unknown',
);

export const levelLow = verdict(
  'lpar5',
  [
    finding({
      id: 'rsct.level-below-recommended',
      severity: 'warn',
      title: 'RSCT 3.2.4.1 is below the recommended 3.2.6.2',
      expected: '3.2.6.2 or later',
      observed: 'rsct.core.rmc 3.2.4.1',
      fixes: [],
    }),
  ],
  'warn',
);

const drmDown = verdict('lpar3', [
  finding({
    id: 'rmc.drm-down',
    title: 'IBM.DRM is not running: DLPAR will not work',
    expected: 'IBM.DRM active',
    observed: 'IBM.DRM inoperative',
  }),
]);

export function request(over: Partial<Request> = {}): Request {
  return {
    id: 'r-7f3a91',
    asked: '/rmc-status lpar2',
    origin: { teamId: 'T0TEAM', channel: 'C0OPS', user: requester, threadTs: null },
    wish: { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar2'] },
    askedAt: at(5),
    phase: 'done',
    total: 1,
    done: 1,
    verdicts: [daemonDown],
    offers: [{ id: 'o-1', fix: 'rmc-restart', target: 'lpar2' }],
    error: null,
    ...over,
  };
}

export const sweep = request({
  asked: '/rmc-status all',
  total: 8,
  done: 8,
  verdicts: [
    healthy('lpar1'),
    daemonDown,
    drmDown,
    healthy('lpar4'),
    levelLow,
    healthy('lpar6'),
    unreachable,
    healthy('lpar8'),
  ],
  offers: [
    { id: 'o-1', fix: 'rmc-restart', target: 'lpar2' },
    { id: 'o-2', fix: 'rmc-restart', target: 'lpar3' },
  ],
});

const source = 'RSCT 3.2 rmcctrl man page';
const rmcctrl = '/usr/sbin/rsct/bin/rmcctrl';
const alternatives = ['/opt/rsct/bin/rmcctrl'];

export const restart: NodeStep = {
  id: 'restart',
  title: 'Stop RMC, wait, start it, enable remote clients',
  effect: 'once',
  timeoutMs: 240_000,
  commands: [
    {
      command: nodeChange('once', rmcctrl, ['-z'], source, { alternatives }),
      always: false,
      waitUntilStopped: {
        subsystems: ['ctrmc', 'IBM.DRM', 'IBM.HostRM', 'IBM.MgmtDomainRM'],
        timeoutMs: 60_000,
      },
    },
    { command: nodeChange('idempotent', rmcctrl, ['-A'], source, { alternatives }), always: true },
    { command: nodeChange('idempotent', rmcctrl, ['-p'], source, { alternatives }), always: true },
  ],
};

export const plan: Plan = {
  version: 1,
  fix: 'rmc-restart',
  title: 'Restart RMC on lpar2, keeping its configuration',
  risk: 'medium',
  target: 'lpar2',
  basis: ['LPAR 4 on 9009-42A*7800001', 'ctrmc is inoperative'],
  interrupts:
    'RMC, all its resource managers, event monitoring (ERRM) and the link to the HMC, and DLPAR with it, for seconds to minutes. ' +
    'Workload on the LPAR is not touched.',
  captures: [
    { id: 'subsystems', title: 'subsystems', command: nodeRead('/usr/bin/lssrc', ['-a'], 'AIX lssrc') },
    {
      id: 'domain',
      title: 'management domain',
      command: nodeRead('/usr/sbin/rsct/bin/rmcdomainstatus', ['-s', 'ctrmc'], 'RSCT rmcdomainstatus'),
    },
  ],
  steps: [restart],
  verify: { kind: 'rmc-active', reads: 2 },
  rollback: {
    kind: 'steps',
    steps: [
      {
        ...restart,
        id: 'stop-again',
        title: 'Stop RMC again, as found',
        commands: restart.commands.slice(0, 1),
      },
    ],
    verify: {
      kind: 'as-found',
      expected: [
        { kind: 'subsystem', name: 'ctrmc', status: 'inoperative' },
        { kind: 'tcp-657', listening: false },
      ],
    },
    note: 'ctrmc was inoperative before, so rolling back stops it again.',
  },
  locks: ['node:lpar2'],
};

export function move(name: Move, by: string, minute: number, note = ''): HistoryEntry {
  return { at: at(minute), move: name, by, note };
}

const captures: readonly JournalEntry[] = [
  {
    kind: 'capture',
    id: 'subsystems',
    at: at(9),
    output: ' ctrmc            rsct                          inoperative\n',
    exitCode: 0,
  },
  { kind: 'capture', id: 'domain', at: at(9), output: '', exitCode: 1 },
];
export const intent: JournalEntry = { kind: 'intent', step: 'restart', at: at(9) };
export const result = (
  exitCode = 0,
  stdout = '',
  stderr = '',
): Extract<JournalEntry, { kind: 'result' }> => ({
  kind: 'result',
  step: 'restart',
  at: at(10),
  outcome: { kind: 'exited', exitCode, stdout, stderr },
});
export const started: readonly JournalEntry[] = [...captures, intent];
export const ran: readonly JournalEntry[] = [...started, result()];
const agreed: JournalEntry = {
  kind: 'read',
  at: at(11),
  agreed: true,
  note: 'LPAR: I A with its HMC; HMC: Active 1, DCaps 0x2c5f, rmc_state active.',
};

export function change(state: ChangeState, over: Partial<Change> = {}): Change {
  return {
    id: 'c-7f3a91',
    version: 1,
    state,
    plan,
    digest: digestOf(plan),
    rollbackOf: null,
    rolledBackBy: null,
    requester,
    approvals: state === 'proposed' ? [] : [{ user: approver, at: at(8) }],
    approvalsNeeded: 1,
    createdAt: at(6),
    expiresAt: '2026-03-04T04:06:00.000Z',
    channel: 'C0OPS',
    teamId: 'T0TEAM',
    cardKey: 'request:r-7f3a91',
    threadTs: null,
    history: [move('propose', requester, 6), ...(state === 'proposed' ? [] : [move('approve', approver, 8)])],
    journal: [],
    note: '',
    error: null,
    ...over,
  };
}

/** One change for every state, as a run would leave it. */
export const changes: Readonly<Record<ChangeState, Change>> = {
  planned: change('planned', { approvals: [] }),
  proposed: change('proposed'),
  approved: change('approved'),
  running: change('running', {
    journal: started,
    note: 'Running "Stop RMC, wait, start it, enable remote clients" on lpar2.',
  }),
  waiting: change('waiting', { journal: [...ran, agreed], note: 'Waiting for the second read in 60 s.' }),
  verifying: change('verifying', {
    journal: [...ran, agreed],
    note: 'Both sides agree. Read 1 of 2; the next in 60 s.',
  }),
  verified: change('verified', {
    journal: [...ran, agreed, agreed],
    note: 'LPAR: I A with its HMC; HMC: Active 1, DCaps 0x2c5f, rmc_state active.',
  }),
  failed: change('failed', {
    journal: [...started, result(1, '', 'rmcctrl: 2612-022 A session could not be established.')],
    note: 'Step restart ended badly, and the check disagrees: ctrmc is inoperative.',
  }),
  unknown: change('unknown', {
    journal: started,
    note: '"Stop RMC" was started, but lpar2:/var/adm/aixops/c-7f3a91/restart holds no outcome and its process is gone.',
  }),
  rejected: change('rejected', {
    approvals: [],
    history: [move('propose', requester, 6), move('reject', approver, 8, 'DLPAR in progress')],
  }),
  expired: change('expired', { approvals: [], note: 'Nobody decided in time. Nothing was run.' }),
  stale: change('stale', {
    note: 'basis\n- ctrmc is inoperative\n+ ctrmc is active',
    error: { class: 'StaleError', message: 'changed' },
  }),
  'rolling-back': change('rolling-back', { journal: ran, rolledBackBy: 'c-8b20d4' }),
  'rolled-back': change('rolled-back', { journal: ran, rolledBackBy: 'c-8b20d4' }),
  'rollback-failed': change('rollback-failed', { journal: ran, rolledBackBy: 'c-8b20d4' }),
};
