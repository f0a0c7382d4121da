import { errorInfo, isBug, isKnownError, UnsureError } from '../core/errors.js';
import type { Message } from '../core/message.js';
import type { SlackLog } from './tools.js';
import { refusalMessage } from './views/private.js';

/** Slack gives three seconds from the click to the acknowledgement, and the way takes some of them. */
const limitMs = 2_300;

export type Attempted<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** It was refused or makes no sense, or it is our own bug: the message says which. */
  | { readonly kind: 'explained'; readonly message: Message }
  /** The store did not take it: it did not happen. */
  | { readonly kind: 'failed' }
  /** No answer in time: it may still happen. */
  | { readonly kind: 'late' };

/** Where a failure is logged, and what to look for there. */
export interface Entry {
  readonly log: SlackLog;
  readonly reference: string;
}

/** Does something within Slack's patience. Never rejects; failures are logged with `what` and the reference. */
export async function attempt<T>(what: string, entry: Entry, act: () => Promise<T>): Promise<Attempted<T>> {
  const { log, reference } = entry;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Attempted<T>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'late' }), limitMs);
  });
  const done = act().then(
    (value): Attempted<T> => ({ kind: 'done', value }),
    (error: unknown): Attempted<T> => {
      log[isBug(error) ? 'error' : 'warn']({ err: error, what, reference }, 'an entry from Slack failed');
      return failure(error, reference);
    },
  );
  const first = await Promise.race([done, late]);
  clearTimeout(timer);
  if (first.kind === 'late') log.warn({ what, reference, limitMs }, 'an entry from Slack took too long');
  return first;
}

/** Our own errors explain themselves; what the language throws is a bug; the rest comes from the store. */
function failure(error: unknown, reference: string): Attempted<never> {
  if (error instanceof UnsureError) return { kind: 'late' };
  const languages = [TypeError, RangeError, ReferenceError, SyntaxError];
  const isOurs = isKnownError(error) || languages.some((one) => error instanceof one);
  return isOurs
    ? { kind: 'explained', message: refusalMessage(errorInfo(error), reference) }
    : { kind: 'failed' };
}
