import type { ChangeState } from '../../approval/states.js';

/** A state as it is said in a sentence. */
export function stateWords(state: ChangeState): string {
  return words[state] ?? state;
}

const words: Readonly<Partial<Record<ChangeState, string>>> = {
  unknown: 'outcome unknown',
  verified: 'done and verified',
  waiting: 'under way, waiting for a step',
  verifying: 'ran, being checked',
  approved: 'approved, not begun',
  stale: 'out of date, nothing ran',
  expired: 'expired, nothing ran',
  'rolling-back': 'being rolled back',
  'rolled-back': 'rolled back',
  'rollback-failed': 'rollback failed',
};
