import type { Asker, Origin } from '../core/request.js';
import type { Answered } from './tools.js';

/** The `action_id` of the button under what is to be looked at after a glass was broken. */
export const reviewAction = 'glass-reviewed';
/** That of the button which opens the form for a code. */
export const glassCodeAction = 'glass-code';

/** The glass is not broken yet: the policy wants a code of this person's authenticator. `wish` is what waits for it. */
export interface CodeWanted {
  readonly kind: 'code';
  readonly wish: string;
  readonly target: string;
}

/**
 * What people do to time: they freeze all changes, lift that, and break the glass. Each act is authorised and written to
 * the audit trail inside, and is durable when its promise resolves.
 */
export interface SlackTimeDesk {
  /** `reason` may be empty when the freeze is lifted. The channel is told. */
  freeze(on: boolean, reason: string, origin: Origin): Promise<Answered>;
  /** Opens windows and freezes for one target and its cluster, for a while. It approves nothing. */
  breakGlass(target: string | null, reason: string, origin: Origin): Promise<Answered | CodeWanted>;
  /** Breaks it with the code that was asked for; null where what waited for it is not known any more. */
  giveCode(wish: string, code: string, who: Asker): Promise<Answered | null>;
  /** Another person looked at what was done while the glass was broken; null where that is not known any more. */
  reviewed(reviewId: string, who: Asker): Promise<Answered | null>;
}
