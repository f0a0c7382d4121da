/** Whom a workspace counts as one of its own: the policy names people, and who is a guest or from elsewhere is none of them. */
import type { Action, Decision } from './authorise.js';

/**
 * `outside`: of another workspace, in a channel that is shared with it. `gone`: deactivated. `unknown`: Slack does not say
 * at the moment.
 */
export type Standing = 'member' | 'guest' | 'outside' | 'gone' | 'app' | 'unknown';

/** Why somebody may not, whatever the rules say; null where the rules decide. */
export function notOneOfOurs(standing: Standing, action: Action): Decision | null {
  switch (standing) {
    case 'member':
      return null;
    case 'guest':
      return no('guest', 'You are a guest in this workspace, and aixops takes nothing from guests.');
    case 'outside':
      return no('other-workspace', 'You belong to another workspace, and aixops serves only its own.');
    case 'gone':
      return no('deactivated', 'This account is deactivated in Slack, so nothing is taken from it.');
    case 'app':
      return no('not-a-person', 'This is the account of an app, and only people may ask and decide here.');
    case 'unknown':
      return harmless.includes(action)
        ? null
        : no(
            'standing-unknown',
            'Slack did not say whether you are a full member of this workspace, and without that no change is asked for or decided. Try again in a minute.',
          );
  }
}

/** These read, or make less happen: they go on while Slack says nothing. */
const harmless: readonly Action[] = [
  ...(['diagnose', 'look-again', 'see-changes'] as const),
  ...(['reject', 'stop', 'stop-reading', 'withdraw'] as const),
];

function no(rule: string, sentence: string): Decision {
  return { allowed: false, rule, sentence };
}
