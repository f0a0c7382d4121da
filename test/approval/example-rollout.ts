import type { Rollout } from '../../src/approval/rollout-states.js';
import { digestOf } from '../../src/core/canonical.js';
import type { Plan } from '../../src/core/plan.js';
import { examplePlan } from './example-change.js';

/** The example's plan for another node. */
export function planOn(target: string): Plan {
  return {
    ...examplePlan,
    title: `Enable remote RMC clients on ${target}`,
    target,
    locks: [`node:${target}`],
  };
}

/** A roll-out of four nodes in waves of one, two and one, with anything about it replaced. */
export function exampleRollout(patch: Partial<Rollout> = {}): Rollout {
  const member = (target: string, place: number) => ({
    target,
    digest: digestOf(planOn(target)),
    change: `c-r1-${place}`,
  });
  return {
    id: 'o-r1',
    version: 1,
    state: 'proposed',
    fix: 'rmc-enable-remote',
    title: 'Let the HMC in',
    risk: 'low',
    interrupts: 'Nothing.',
    args: [],
    ofClusters: false,
    waves: [[member('a', 1)], [member('b', 2), member('c', 3)], [member('d', 4)]],
    leftOut: [],
    digest: 'd'.repeat(64),
    begun: 0,
    stop: null,
    restOf: null,
    requester: 'UALICE',
    approvals: [],
    approvalsNeeded: 1,
    createdAt: '2026-03-01T02:00:00.000Z',
    expiresAt: '2026-03-01T03:00:00.000Z',
    channel: 'C0OPS',
    teamId: 'T0001',
    cardKey: 'request:r1',
    threadTs: null,
    history: [],
    note: '',
    ...patch,
  };
}

/** The plans of the example's targets. */
export const examplePlans: ReadonlyMap<string, Plan> = new Map(
  ['a', 'b', 'c', 'd'].map((target) => [target, planOn(target)]),
);
