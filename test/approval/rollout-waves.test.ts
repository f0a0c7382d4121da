import { describe, expect, it } from 'vitest';
import { apartOf, planWaves, type Member } from '../../src/approval/rollout-waves.js';

const limits = { ramp: [1, 2, 4], atMost: 8 };

function plain(count: number): Member[] {
  return Array.from({ length: count }, (_, n) => ({ target: `n${n + 1}`, apart: [`node:n${n + 1}`] }));
}

const sizes = (members: readonly Member[], by = limits): number[] =>
  planWaves(members, by).map((wave) => wave.length);

/** The same numbers for every run: a failure can be played again. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('the waves of a roll-out', () => {
  it('begin with one target and grow as the ramp says, up to the limit', () => {
    expect(sizes(plain(30))).toEqual([1, 2, 4, 8, 8, 7]);
    expect(sizes(plain(4))).toEqual([1, 2, 1]);
    expect(sizes(plain(1))).toEqual([1]);
    expect(sizes([])).toEqual([]);
  });

  it('begin with one target whatever the settings say, and never pass the limit', () => {
    expect(sizes(plain(7), { ramp: [4, 5], atMost: 2 })).toEqual([1, 2, 2, 2]);
    expect(sizes(plain(3), { ramp: [1], atMost: 1 })).toEqual([1, 1, 1]);
  });

  it('begin with the target that was named first', () => {
    expect(planWaves(plain(5), limits)[0]?.[0]?.target).toBe('n1');
    expect(planWaves(plain(5).reverse(), limits)[0]?.[0]?.target).toBe('n5');
  });

  it('give the same for the same', () => {
    expect(planWaves(plain(20), limits)).toEqual(planWaves(plain(20), limits));
  });

  it('take the many nodes of one cluster early, one in each wave, so that the end is not long', () => {
    const cluster = ['a', 'b', 'c', 'd'].map((target) => ({
      target,
      apart: [`node:${target}`, 'cluster:erp'],
    }));
    const waves = planWaves([...plain(11), ...cluster], limits);
    expect(waves.map((wave) => wave.length)).toEqual([1, 2, 4, 7, 1]);
    expect(waves.slice(1, 5).every((wave) => wave.some(({ apart }) => apart.includes('cluster:erp')))).toBe(
      true,
    );
  });

  it('hold every target once and never two that share anything, for 300 estates of all shapes', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const roll = dice(seed);
      const members = Array.from({ length: 1 + Math.floor(roll() * 60) }, (_, n): Member => {
        const cluster = roll() < 0.5 ? [`cluster:${Math.floor(roll() * 8)}`] : [];
        const vios = roll() < 0.3 ? [`vios:${Math.floor(roll() * 4)}`] : [];
        const system = roll() < 0.2 ? [`system:${Math.floor(roll() * 3)}`] : [];
        return { target: `n${n}`, apart: [`node:n${n}`, ...cluster, ...vios, ...system] };
      });
      const by = { ramp: [1, 1 + Math.floor(roll() * 5)], atMost: 1 + Math.floor(roll() * 10) };
      const waves = planWaves(members, by);
      expect(
        waves
          .flat()
          .map(({ target }) => target)
          .sort(),
      ).toEqual(members.map(({ target }) => target).sort());
      expect(waves[0]).toHaveLength(1);
      for (const wave of waves) {
        const keys = wave.flatMap(({ apart }) => apart);
        expect(new Set(keys).size, `seed ${seed}`).toBe(keys.length);
        expect(wave.length).toBeGreaterThan(0);
        expect(wave.length).toBeLessThanOrEqual(by.atMost);
      }
    }
  });
});

describe('what keeps two targets apart', () => {
  const place = { cluster: null, system: { name: 'p9-a' }, tags: {} };

  it('is what their plans lock', () => {
    expect(apartOf(['node:lpar1', 'system:p9-a'], place, false)).toEqual(['node:lpar1', 'system:p9-a']);
  });

  it('is their cluster, also where the plan does not lock it', () => {
    expect(apartOf(['system:p9-a'], { ...place, cluster: 'erp' }, false)).toContain('cluster:erp');
  });

  it('is the managed system of two VIOS, by the tag or by what the HMC says, and of nobody else', () => {
    expect(apartOf([], { ...place, tags: { role: 'VIOS' } }, false)).toEqual(['vios:p9-a']);
    expect(apartOf([], place, true)).toEqual(['vios:p9-a']);
    expect(apartOf([], { ...place, tags: { role: 'db' } }, false)).toEqual([]);
    expect(apartOf(['cluster:erp'], null, false)).toEqual(['cluster:erp']);
  });
});
