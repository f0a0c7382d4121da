/** Why something cannot be done to a roll-out any more, or not yet. */
import { rolloutCan, type Rollout, type RolloutMove } from '../approval/rollout-states.js';
import { utc } from '../slack/views/time.js';
import type { Choice } from './decisions.js';

/** Why a decision on a roll-out comes too late, in words; null when it does not. */
export function tooLate(rollout: Rollout, choice: Choice, nowMs: number): string | null {
  const wanted = choice === 'approve' ? 'approve' : 'reject';
  if (!rolloutCan[wanted](rollout.state)) return already(rollout, wanted);
  if (nowMs <= Date.parse(rollout.expiresAt)) return null;
  return `This roll-out expired at ${utc(rollout.expiresAt)}. Nothing was run. Ask for it again.`;
}

/** Who was first, and when; `wanted` is what somebody would do now, null for asking for the rest. */
export function already(rollout: Rollout, wanted: RolloutMove | null): string {
  const last = rollout.history.at(-1);
  const who = last === undefined || last.by === 'worker' ? '' : ` by <@${last.by}>`;
  const at = last === undefined ? '' : ` at ${utc(last.at)}`;
  const from = wanted === null ? 'stopped' : rolloutCan[wanted].from.join(' or ');
  return `This roll-out is already ${rollout.state}${who}${at}; this can only be done while it is ${from}.`;
}
