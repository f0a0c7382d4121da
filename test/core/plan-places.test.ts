import { describe, expect, it } from 'vitest';
import { isForCluster, nodeOfStep, nodesOfPlan } from '../../src/core/plan-places.js';
import type { NodeStep, Plan } from '../../src/core/plan.js';
import { planOf } from '../runbooks/fixes/cluster-ground.js';

const step: NodeStep = { id: 's', title: 't', effect: 'once', commands: [], timeoutMs: 1 };

describe('where a plan runs', () => {
  const ofNode: Plan = {
    ...planOf('clcomd-refresh', { tries: { 'erp1>erp2': 'xxx' } }),
    target: 'lpar1',
    captures: [],
    steps: [step],
    locks: ['cluster:erp', 'node:lpar1'],
  };

  it('is its target, for a plan of one node, even where that locks its cluster', () => {
    expect([isForCluster(ofNode), nodesOfPlan(ofNode), nodeOfStep(step, ofNode)]).toEqual([
      false,
      ['lpar1'],
      'lpar1',
    ]);
  });

  it('is every node that the steps, the captures and the undo name, for a plan of a cluster', () => {
    const plan: Plan = {
      ...ofNode,
      target: 'erp',
      steps: [{ ...step, node: 'erp2' }],
      rollback: { kind: 'steps', steps: [{ ...step, node: 'erp1' }], verify: ofNode.verify, note: '' },
    };
    expect([isForCluster(plan), nodesOfPlan(plan)]).toEqual([true, ['erp2', 'erp1']]);
    expect(nodeOfStep({ ...step, node: 'erp2' }, plan)).toBe('erp2');
  });
});
