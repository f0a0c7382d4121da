import type { Asker } from '../core/request.js';
import type { Answered } from './tools.js';

/** What the buttons of a card with host keys do: the `action_id`. */
export const enrolActions = ['enrol-pin', 'enrol-reject'] as const;
export type EnrolAction = (typeof enrolActions)[number];

/**
 * What people may do to a card with host keys. Each act is authorised and written to the audit trail inside, and is durable
 * when its promise resolves. null means that the card is not known any more.
 */
export interface SlackEnrolDesk {
  /** Approves; the last approval that is needed pins exactly the keys that the card shows. */
  pin(enrolmentId: string, who: Asker): Promise<Answered | null>;
  reject(enrolmentId: string, who: Asker): Promise<Answered | null>;
}
