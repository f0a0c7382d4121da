import { redact } from './redact.js';

/** Why a change is asked for, as whoever asks says it. It is no part of the plan, nor of its digest. */
export interface Grounds {
  readonly reason: string | null;
  readonly ticket: string | null;
}

export const noGrounds: Grounds = { reason: null, ticket: null };

/** As part of a wish; nothing where nothing was said. */
export function saidOf(grounds: Grounds): { readonly grounds?: Grounds } {
  return grounds.reason === null && grounds.ticket === null ? {} : { grounds };
}

/** Fewer characters say nothing to who reads them later; more are a report. */
export const leastReason = 3;
export const mostReason = 300;

/** What a person wrote as a reason, as it is kept: on one line, secrets of known shapes taken out. Null where it says nothing. */
export function reasonOf(text: string): string | null {
  const words = redact(text.replace(/\s+/g, ' ').trim()).slice(0, mostReason).trim();
  return words.length < leastReason ? null : words;
}

/** What a person wrote as a ticket, as it is kept; null where nothing is left. Whether it is one the policy decides. */
export function ticketOf(text: string): string | null {
  const word = redact(text.trim()).slice(0, 100);
  return word === '' ? null : word;
}
