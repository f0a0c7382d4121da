/**
 * The second proof of a person: a code from their own authenticator (TOTP, RFC 6238), asked where the policy wants it.
 * Off unless the policy says so. A right code is remembered for an hour.
 */
export interface StepUp {
  /** Whether this person gave a right code within the last hour. */
  isFresh(user: string): Promise<boolean>;
  /** Whether there is a secret for this person at all. */
  isEnrolled(user: string): boolean;
  /**
   * Takes what the person typed. `used`: right, but taken once already. `locked`: too many wrong ones, whatever this one
   * is. `not-enrolled`: there is no secret for this person, so nothing that needs a code can be done by them.
   */
  offer(user: string, code: string): Promise<StepUpAnswer>;
}

export type StepUpAnswer = 'ok' | 'wrong' | 'used' | 'locked' | 'not-enrolled';
