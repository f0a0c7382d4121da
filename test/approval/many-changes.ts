import type { Change, ChangeState, HistoryEntry, JournalEntry, Move } from '../../src/approval/states.js';
import { can } from '../../src/approval/states.js';
import { digestOf } from '../../src/core/canonical.js';
import type { PersonStep, Plan, Risk } from '../../src/core/plan.js';
import { exampleChange, examplePlan } from './example-change.js';

/** What a node may print to get at the reader or at the channel. */
export const hostileOutput = [
  '<!channel> <@UALICE> everything is *fine* `really` <https://evil.example/x|click>',
  '\u001b[31mroot@lpar1:/#\u001b[0m rm -rf / \u202egnp.exe',
  '```',
  'password=hunter2secret',
  ...Array.from(
    { length: 60 },
    (_, n) => `0513-0${String(n).padStart(2, '0')} The ctrmc Subsystem has been stopped.`,
  ),
  '',
].join('\n');

const ways: Partial<Record<ChangeState, readonly Move[]>> = {
  proposed: ['propose'],
  approved: ['propose', 'approve'],
  running: ['propose', 'approve', 'run'],
  waiting: ['propose', 'approve', 'run', 'wait'],
  verifying: ['propose', 'approve', 'run', 'verify'],
  verified: ['propose', 'approve', 'run', 'verify', 'succeed'],
  failed: ['propose', 'approve', 'run', 'fail'],
  unknown: ['propose', 'approve', 'run', 'lose'],
  rejected: ['propose', 'reject'],
  expired: ['propose', 'expire'],
  stale: ['propose', 'approve', 'outdate'],
  'rolled-back': ['propose', 'approve', 'run', 'verify', 'succeed', 'rollBack', 'rolledBack'],
};

export interface Wanted {
  readonly state: ChangeState;
  readonly target?: string;
  readonly fix?: string;
  readonly risk?: Risk;
  readonly requester?: string;
  /** Epoch milliseconds. */
  readonly createdMs: number;
  readonly cluster?: string;
}

/** A change as it is in that state: with its way there, its journal, and the locks of its target. */
export function changeIn(id: string, wanted: Wanted): Change {
  const { state, target = 'lpar1', fix = 'rmc-restart', risk = 'medium', requester = 'UALICE' } = wanted;
  const iso = (minutes: number): string => new Date(wanted.createdMs + minutes * 60_000).toISOString();
  const plan = planFor(target, fix, risk, wanted.cluster, state === 'waiting');
  const way = ways[state] ?? ['propose'];
  const history = way.map(
    (move, n): HistoryEntry => ({
      at: iso(n),
      move,
      by: move === 'approve' || move === 'reject' ? 'UBOB' : move === 'propose' ? requester : 'worker',
      note: move === 'reject' ? 'Not while the batch runs.' : '',
    }),
  );
  return exampleChange({
    ...{ id, state, plan, requester, history, digest: digestOf(plan) },
    approvals: way.includes('approve') ? [{ user: 'UBOB', at: iso(1) }] : [],
    approvalsNeeded: risk === 'high' ? 2 : 1,
    createdAt: iso(0),
    expiresAt: new Date(wanted.createdMs + 3_600_000).toISOString(),
    cardKey: `change:${id}`,
    journal: journalOf(state, plan, iso),
    note: notes[state] ?? '',
  });
}

const notes: Partial<Record<ChangeState, string>> = {
  failed: '"Stop and start RMC" ended badly.',
  unknown: 'The connection to the node was lost, and its run directory holds no outcome.',
  verifying: 'Read once; it is read again in a minute.',
};

function journalOf(
  state: ChangeState,
  plan: Plan,
  iso: (minutes: number) => string,
): readonly JournalEntry[] {
  const [first] = plan.steps;
  const step = first?.id ?? '';
  const ran = ['running', 'waiting', 'verifying', 'verified', 'failed', 'unknown', 'rolled-back'];
  if (!ran.includes(state)) return [];
  const intent: JournalEntry = { kind: 'intent', step, at: iso(2) };
  if (['running', 'waiting', 'unknown'].includes(state)) return [intent];
  const exitCode = state === 'failed' ? 1 : 0;
  const outcome = { kind: 'exited', exitCode, stdout: hostileOutput, stderr: 'rmcctrl: 2610-602\n' } as const;
  return [
    { kind: 'capture', id: 'sockets', at: iso(2), output: 'tcp 0 0 *.657 *.* LISTEN\n', exitCode: 0 },
    intent,
    { kind: 'result', step, at: iso(3), outcome },
  ];
}

function planFor(
  target: string,
  fix: string,
  risk: Risk,
  cluster: string | undefined,
  isGuided: boolean,
): Plan {
  const isCluster = cluster === target;
  const byHand: PersonStep = {
    kind: 'person',
    id: 'boot',
    title: 'Boot it from its own image',
    instructions: [
      `On the HMC type \`chsysstate -m p9-a -o on -r lpar -n ${target}\`.`,
      'Wait for the login prompt.',
    ],
    check: [{ kind: 'reached' }],
    timeoutMs: 3_600_000,
  };
  return {
    ...examplePlan,
    ...{ fix, risk, target },
    title: isCluster ? `Renew the certificates of cluster ${target}` : `Restart RMC on ${target}`,
    interrupts: 'RMC is away for some seconds; DLPAR operations wait.',
    steps: isGuided ? [byHand] : examplePlan.steps,
    locks: [
      ...(isCluster ? [] : [`node:${target}`]),
      ...(cluster === undefined ? [] : [`cluster:${cluster}`]),
    ].sort(),
  };
}

/** A busy week: so many changes, in every state, on every target, the newest last. */
export function busyWeek(count: number, nowMs: number): readonly Change[] {
  const targets = ['lpar1', 'lpar2', 'pvs1', 'erp-db1', 'erp'];
  const states = Object.keys(ways).filter(
    (state) => can.reject(state as ChangeState) || state !== 'x',
  ) as ChangeState[];
  return Array.from({ length: count }, (_, n) => {
    const target = targets[n % targets.length] ?? 'lpar1';
    const isErp = target.startsWith('erp');
    return changeIn(`c-${String(n).padStart(4, '0')}`, {
      state: states[n % states.length] ?? 'verified',
      target,
      fix: target === 'erp' ? 'clcomd-renew-certificates' : n % 3 === 0 ? 'rmc-enable-remote' : 'rmc-restart',
      risk: target === 'erp' ? 'high' : 'medium',
      requester: n % 4 === 0 ? 'UBOB' : 'UALICE',
      createdMs: nowMs - (count - n) * 5 * 60_000,
      ...(isErp ? { cluster: 'erp' } : {}),
    });
  });
}
