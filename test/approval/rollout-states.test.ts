import { describe, expect, it } from 'vitest';
import {
  endsRollout,
  restOf,
  rolloutCan,
  rolloutEnds,
  standOf,
  type MemberStand,
  type RolloutMove,
  type RolloutState,
} from '../../src/approval/rollout-states.js';
import type { ChangeState, JournalEntry } from '../../src/approval/states.js';
import { exampleChange, examplePlan } from './example-change.js';
import { exampleRollout } from './example-rollout.js';

const states: readonly RolloutState[] = [
  'proposed',
  'approved',
  'running',
  'stopping',
  'done',
  'stopped',
  'rejected',
  'expired',
];

describe('the state table of a roll-out', () => {
  it('starts only what was approved, and finishes only what runs', () => {
    expect(states.filter(rolloutCan.start)).toEqual(['approved']);
    expect(states.filter(rolloutCan.finish)).toEqual(['running']);
  });

  it('decides only on what is proposed', () => {
    expect(states.filter(rolloutCan.approve)).toEqual(['proposed']);
    expect(states.filter(rolloutCan.reject)).toEqual(['proposed']);
    expect(states.filter(rolloutCan.expire)).toEqual(['proposed', 'approved']);
  });

  it('never leaves an end, and never goes on after Stop', () => {
    const moves = Object.keys(rolloutCan) as RolloutMove[];
    for (const state of rolloutEnds) expect(moves.filter((move) => rolloutCan[move](state))).toEqual([]);
    expect(moves.filter((move) => rolloutCan[move]('stopping'))).toEqual(['end']);
  });
});

describe('how a target of a roll-out stands', () => {
  const table: readonly (readonly [ChangeState, MemberStand, ends: boolean])[] = [
    ['proposed', 'waits', false],
    ['approved', 'waits', false],
    ['running', 'runs', false],
    ['waiting', 'runs', false],
    ['verifying', 'runs', false],
    ['verified', 'verified', false],
    ['failed', 'not-verified', true],
    ['unknown', 'needs-person', true],
    ['rejected', 'not-run', true],
    ['expired', 'not-run', true],
    ['stale', 'not-run', true],
    ['rolling-back', 'not-verified', true],
    ['rolled-back', 'not-verified', true],
    ['rollback-failed', 'not-verified', true],
  ];

  it.each(table)('is told by its change: %s', (state, stand, ends) => {
    expect(standOf(exampleChange({ state }))).toBe(stand);
    expect(endsRollout(stand)).toBe(ends);
  });

  it('is "to come" without a change, and a person’s where one is waited for', () => {
    expect(standOf(null)).toBe('to-come');
    const steps = [
      {
        kind: 'person',
        id: 'look',
        title: 'Look',
        timeoutMs: 1,
        instructions: ['Look.'],
        check: [],
      } as const,
    ];
    const journal: JournalEntry[] = [{ kind: 'intent', step: 'look', at: '2026-03-01T02:00:00.000Z' }];
    const change = exampleChange({ state: 'waiting', plan: { ...examplePlan, steps }, journal });
    expect(standOf(change)).toBe('needs-person');
    expect(endsRollout('needs-person')).toBe(true);
  });

  it('leaves for a new roll-out those on which nothing was run, and nobody who failed', () => {
    const stands = new Map<string, MemberStand>([
      ['a', 'verified'],
      ['b', 'not-verified'],
      ['c', 'not-run'],
    ]);
    expect(restOf(exampleRollout(), stands)).toEqual(['c', 'd']);
    expect(restOf(exampleRollout(), new Map([...stands, ['c', 'needs-person']]))).toEqual(['d']);
  });
});
