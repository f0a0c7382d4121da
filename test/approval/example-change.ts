import type { Change } from '../../src/approval/states.js';
import { digestOf } from '../../src/core/canonical.js';
import type { Plan } from '../../src/core/plan.js';
import { nodeChange, nodeRead } from '../../src/core/remote-command.js';

/** A plan with one harmless step, for tests of what surrounds plans. */
export const examplePlan: Plan = {
  version: 1,
  fix: 'rmc-enable-remote',
  title: 'Enable remote RMC clients on lpar6',
  risk: 'low',
  target: 'lpar6',
  basis: ['ctrmc is active', 'TCP 657 is not listening'],
  interrupts: 'Nothing.',
  captures: [{ id: 'sockets', title: 'Sockets', command: nodeRead('/usr/bin/netstat', ['-an'], 'test') }],
  steps: [
    {
      id: 'enable',
      title: 'Enable remote clients',
      effect: 'idempotent',
      commands: [
        { command: nodeChange('idempotent', '/usr/sbin/rsct/bin/rmcctrl', ['-p'], 'test'), always: false },
      ],
      timeoutMs: 30_000,
    },
  ],
  verify: { kind: 'rmc-active', reads: 2 },
  rollback: { kind: 'none', reason: 'Nothing to undo.' },
  locks: ['node:lpar6'],
};

/** A change in state `proposed`, with anything about it replaced. */
export function exampleChange(patch: Partial<Change> = {}): Change {
  return {
    id: 'c-1',
    version: 1,
    state: 'proposed',
    plan: examplePlan,
    digest: digestOf(examplePlan),
    rollbackOf: null,
    rolledBackBy: null,
    requester: 'UALICE',
    approvals: [],
    approvalsNeeded: 1,
    createdAt: '2026-03-01T02:00:00.000Z',
    expiresAt: '2026-03-01T03:00:00.000Z',
    channel: 'C1',
    teamId: 'T0001',
    cardKey: 'request:1',
    threadTs: null,
    history: [],
    journal: [],
    note: '',
    error: null,
    ...patch,
  };
}
