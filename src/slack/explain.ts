import type { ConnectReason, ErrorInfo } from '../core/errors.js';
import { redact } from '../core/redact.js';
import { clip, code, escapeText, oneLine } from './views/text.js';
import { sentence } from './views/words.js';

/** What was being done when it went wrong. It decides the answer to "was anything touched?". */
export type During = 'reading' | 'changing';

/**
 * An error in words for a person, as mrkdwn: what happened and where, whether anything was touched, what to do now.
 * `reference` is what to look for in the log. Never empty, never "unknown error".
 */
export function explain(error: ErrorInfo, reference: string, during: During = 'reading'): string {
  return [...words(error, during), ...logReference(error, reference)].filter((part) => part !== '').join(' ');
}

function words(error: ErrorInfo, during: During): readonly string[] {
  const what = happened(error);
  switch (error.class) {
    case 'UsageError':
      return [what, untouched(what, 'Nothing was run.')];
    case 'RefusedError':
      return [what, untouched(what, 'Nothing was run.')];
    case 'StaleError':
      return [
        what,
        untouched(what, 'Nothing was changed.'),
        'Ask for the fix again to get a plan that fits.',
      ];
    case 'ConnectError':
      return [what, untouched(what, 'Nothing was run.'), connectAdvice(error.reason)];
    case 'CommandError':
      return [what, ...afterCommand(what, during)];
    case 'LostError':
      return [what, ...afterLoss(what, during)];
    case 'ParseError':
      return [what, offendingLine(error.line), ...afterParse(what, during)];
    case 'Bug':
      return [`This is a fault in aixops, not on your systems: ${what}`, ...afterBug(during)];
    default:
      return unforeseen(error.class, what, during);
  }
}

// The message comes from the place that failed and quotes foreign output: made safe, on one line, and not endless.
function happened(error: ErrorInfo): string {
  const message = clip(escapeText(redact(oneLine(error.message))), 900);
  return message === '' ? `It failed without saying why (${error.class}).` : sentence(message);
}

// Our own messages mostly say it already; saying it twice would only make a reader look for the difference.
function untouched(what: string, words: string): string {
  return /\bnothing was (?:run|changed|touched)\b/i.test(what) ? '' : words;
}

function connectAdvice(reason: string | undefined): string {
  return isConnectReason(reason) ? advice[reason] : 'Check the address in the inventory, then try again.';
}

function isConnectReason(reason: string | undefined): reason is ConnectReason {
  return reason !== undefined && Object.hasOwn(advice, reason);
}

const advice: Readonly<Record<ConnectReason, string>> = {
  unreachable:
    'There is no route to it, or it is down: check that it runs, its address in the inventory, and the network.',
  refused:
    'The address answers, but nothing listens for SSH: look at sshd there (`lssrc -s sshd` on AIX) from its console.',
  'timed-out':
    'It did not answer: it may be down or hanging, or a firewall drops SSH. Check from its console, then try again.',
  'host-key-unknown':
    'Its host key is not pinned. Compare the fingerprint with the one on its console, then have it pinned with `/enrol`, or with `aixops enrol`, and try again.',
  'host-key-changed':
    'Its host key is not the pinned one: it was reinstalled, its address now belongs to another system, or somebody is in between. ' +
    'aixops stays away until its owner confirms the new fingerprint and it is enrolled again.',
  'login-refused':
    'It did not accept the login: check the user in the inventory, that its authorized_keys holds the key of aixops, and that the account is not locked.',
  algorithms:
    'Both sides have no algorithm in common. If its SSH server is old and cannot be updated, set `algorithms: legacy` for it in the inventory.',
  'jump-failed': 'The way there by its jump host failed: check the jump host first.',
};

function afterCommand(what: string, during: During): readonly string[] {
  if (during === 'reading')
    return [untouched(what, 'Nothing was changed.'), 'Look at its output in the thread.'];
  return [
    'Whether it changed something depends on how far it came: look at its output in the thread before repeating it.',
  ];
}

function afterLoss(what: string, during: During): readonly string[] {
  if (during === 'reading')
    return [untouched(what, 'It was only reading: nothing was changed.'), 'Try again.'];
  return [
    'It may have run. It is not repeated by itself: use Look again on the change, or look at the node, before anything else.',
  ];
}

function offendingLine(line: string | undefined): string {
  if (line === undefined || line === '') return 'The output ended too early.';
  return `The line was ${code(clip(redact(line), 200))}.`;
}

function afterParse(what: string, during: During): readonly string[] {
  if (during === 'reading') {
    return [
      'It counts as unknown, not as healthy.',
      untouched(what, 'Nothing was changed.'),
      'Look at the raw output yourself.',
    ];
  }
  return ['What it did could not be read: look at the node before repeating it.'];
}

function afterBug(during: During): readonly string[] {
  if (during === 'reading') return ['It was only reading: nothing was changed.'];
  return [
    'A step may have run: use Look again on the change, or look at the node, before anything is repeated.',
  ];
}

// What the person can mend alone needs no log.
function logReference(error: ErrorInfo, reference: string): readonly string[] {
  if (error.class === 'UsageError' || error.class === 'RefusedError') return [];
  return [`Log reference: ${code(clip(reference, 100))}`];
}

// The compiler proves that this is never reached; a value written to Redis by a newer version may still arrive here.
function unforeseen(left: never, what: string, during: During): readonly string[] {
  return [what, `This version has no words for ${code(String(left))}.`, ...afterBug(during)];
}
