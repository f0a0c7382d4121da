import { describe, expect, it } from 'vitest';
import { createTimeGate, touchedBy } from '../../src/approval/time-gate.js';
import type { CalmStore } from '../../src/approval/calm.js';
import type { Plan } from '../../src/core/plan.js';
import { hmcChange } from '../../src/core/remote-command.js';
import { smallEstate } from '../commands/small-estate.js';
import { examplePlan } from './example-change.js';

const { inventory } = smallEstate();
const names = (plan: Plan): readonly string[] =>
  touchedBy(plan, inventory)
    .all.map(({ name }) => name)
    .sort();
const onNode = (target: string, patch: Partial<Plan> = {}): Plan => ({
  ...examplePlan,
  ...{ target, locks: [`node:${target}`] },
  ...patch,
});

describe('what a plan touches, for windows', () => {
  it('is its node, with everything that windows may name', () => {
    expect(touchedBy(onNode('lpar1'), inventory)).toEqual({
      target: 'lpar1',
      all: [
        {
          ...{ name: 'lpar1', kind: 'node', tags: { env: 'prod' }, cluster: null },
          ...{ system: 'p9-a', hmc: 'hmc1' },
        },
      ],
    });
  });

  it('is every node of a cluster, also those without a step', () => {
    expect(names(onNode('erp', { locks: ['cluster:erp'], steps: [], captures: [] }))).toEqual(['erp-db1']);
  });

  it('is every node of the managed system where an HMC is changed, with or without its lock', () => {
    const rebuild: Plan['steps'] = [
      {
        ...{
          kind: 'hmc',
          id: 'rebuild',
          title: 'Rebuild',
          effect: 'idempotent',
          hmc: 'hmc1',
          timeoutMs: 1_000,
        },
        command: hmcChange('idempotent', 'chsysstate', ['-o', 'rebuild'], 'test'),
      },
    ];
    expect(names(onNode('lpar1', { steps: rebuild }))).toEqual(['lpar1', 'lpar2']);
    const locks = ['node:lpar1', 'system:p9-a'];
    expect(names(onNode('lpar1', { locks }))).toEqual(['lpar1', 'lpar2']);
  });

  it('knows a target that is gone from the inventory by its name alone, which windows for all still hold', () => {
    expect(names(onNode('lpar9'))).toEqual(['lpar9']);
  });
});

describe('the gate', () => {
  const closed = (calm: Partial<CalmStore>) =>
    createTimeGate({
      calm: { freeze: () => Promise.resolve(null), glasses: () => Promise.resolve([]), ...calm } as CalmStore,
      inventory,
      policy: { windows: [] },
      clock: () => Date.parse('2026-11-21T08:00:00Z'),
    });

  it('is no answer where the freeze or the glass cannot be read', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('Redis is away'));
    await expect(closed({ freeze: away })(examplePlan)).rejects.toThrow('Redis is away');
    await expect(closed({ glasses: away })(examplePlan)).rejects.toThrow('Redis is away');
    expect(await closed({})(examplePlan)).toEqual({ kind: 'open', glass: null });
  });
});
