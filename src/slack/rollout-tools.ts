import type { Asker, Origin } from '../core/request.js';
import type { Demand, Said } from './approval-tools.js';
import type { Answered } from './tools.js';

/** What the buttons of a roll-out's card do: the `action_id`. */
export const rolloutActions = [
  'rollout-approve',
  'rollout-reject',
  'rollout-withdraw',
  'rollout-stop',
  'rollout-rest',
] as const;
export type RolloutAction = (typeof rolloutActions)[number];

/**
 * What people may do to a roll-out. Each act is authorised on every target and written to the audit trail inside, and is
 * durable when its promise resolves. null means that the roll-out is not known any more.
 */
export interface SlackRolloutDesk {
  decide(
    id: string,
    choice: 'approve' | 'reject' | 'withdraw',
    who: Asker,
    said?: Said,
  ): Promise<Answered | Demand | null>;
  /** Nothing new begins; what runs ends by itself. */
  stop(id: string, who: Asker): Promise<Answered | null>;
  /** Asks for a new roll-out of the targets on which nothing was run. */
  proposeRest(id: string, origin: Origin): Promise<Answered | null>;
}
