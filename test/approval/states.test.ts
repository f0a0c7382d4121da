import { describe, expect, it } from 'vitest';
import { can, endStates, type ChangeState, type Move } from '../../src/approval/states.js';

const states: ChangeState[] = [
  'planned',
  'proposed',
  'approved',
  'running',
  'waiting',
  'verifying',
  'verified',
  'failed',
  'unknown',
  'rejected',
  'expired',
  'stale',
  'rolling-back',
  'rolled-back',
  'rollback-failed',
];

describe('the state table of a change', () => {
  it('lets nothing run that was not approved', () => {
    expect(states.filter(can.run)).toEqual(['approved']);
  });

  it('lets only a proposed change be approved or rejected', () => {
    expect(states.filter(can.approve)).toEqual(['proposed']);
    expect(states.filter(can.reject)).toEqual(['proposed']);
  });

  it('undoes only what is verified or failed', () => {
    expect(states.filter(can.rollBack)).toEqual(['verified', 'failed']);
  });

  it('never moves back from rejected, expired, stale or rolled back', () => {
    const moves = Object.keys(can) as Move[];
    for (const state of ['rejected', 'expired', 'stale', 'rolled-back', 'rollback-failed'] as const)
      expect(moves.filter((move) => can[move](state))).toEqual([]);
  });

  it('keeps an unknown outcome open, so that its node stays locked until a person has decided', () => {
    expect(endStates).not.toContain('unknown');
    expect(states.filter(can.find)).toEqual(['unknown']);
    expect(states.filter(can.close)).toEqual(['unknown']);
  });

  it('ends by a person’s word only as not verified', () => {
    expect(can.close.to).toBe('failed');
    expect(endStates).toContain(can.close.to);
  });
});
