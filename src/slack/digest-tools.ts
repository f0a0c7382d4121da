import type { Asker, Origin } from '../core/request.js';
import type { FormLine } from './views/digest-modal.js';
import type { Answered } from './tools.js';

/** What a digest's buttons do: the `action_id`. Those that ask for more open a form first. */
export const digestActions = [
  'cert-acknowledge',
  'cert-snooze',
  'cert-assign',
  'cert-recheck',
  'cert-details',
  'cert-clcomd',
] as const;
export type DigestAction = (typeof digestActions)[number];

/** A line that may be looked at, with what a form needs besides. */
export interface OpenedLine extends FormLine {
  readonly kind: 'line';
  /** Owners that the inventory names. */
  readonly owners: readonly string[];
}

/** What a person says of a line: who knows of it, until when, or who is to renew it. */
export type Said =
  | { readonly act: 'acknowledge'; readonly reason: string; readonly until: string }
  | { readonly act: 'snooze'; readonly until: string | null }
  | { readonly act: 'assign'; readonly owner: string };

/**
 * What people may do to a digest's lines. Each act is authorised and written to the audit trail inside, and is durable when
 * its promise resolves. null means that the line is not known any more.
 */
export interface SlackDigestDesk {
  /** A line for a form or for its details. */
  open(lineId: string, who: Asker, action: DigestAction): Promise<OpenedLine | Answered | null>;
  /** `seen` is when that was said which the form showed; '' for nothing. */
  say(lineId: string, who: Asker, said: Said, seen: string): Promise<Answered | null>;
  /** Has a worker read the line's nodes again. */
  recheck(lineId: string, who: Asker): Promise<Answered | null>;
  /** Asks for a diagnosis of clcomd in the line's cluster. */
  diagnoseClcomd(lineId: string, origin: Origin): Promise<Answered | null>;
  now(): number;
}
