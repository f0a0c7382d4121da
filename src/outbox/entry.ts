import type { Attachment, Message } from '../core/message.js';
import type { KeptTrace } from '../core/tracing.js';
import type { Priority } from './scores.js';

/** Which thread a message belongs to: one that Slack made, or one that another message of ours starts. */
export type Thread = { readonly ts: string } | { readonly key: string } | null;

/** What is said of a message once, when it is put. */
export interface Letter {
  /** Names the message for ever: putting the same key again changes the message instead of posting another. */
  readonly key: string;
  readonly channel: string;
  readonly thread: Thread;
  readonly priority: Priority;
  /** Who is told directly when Slack does not let us into the channel. */
  readonly user: string;
  /** Set on the first card of a request: when that was asked for (ISO 8601 UTC). */
  readonly askedAt?: string;
}

export type Content =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'whisper'; readonly message: Message }
  | { readonly kind: 'file'; readonly file: Attachment };

/** A message waiting for Slack, or one that was posted and may still change. */
export interface Entry extends Letter {
  readonly content: Content;
  /** Grows with each change; `sent` is the last version that Slack has. */
  readonly version: number;
  readonly sent: number;
  /** Slack's name of the message, once posted, and the channel it is in (a direct message has its own). */
  readonly ts: string | null;
  readonly postedIn: string | null;
  /** An earlier try got no answer, or whoever made it ended in the middle: Slack may have it already. */
  readonly unsure: boolean;
  /** So long ago somebody began to post it, and has not written down what came of that; null for nobody. Milliseconds. */
  readonly triedForMs: number | null;
  /** The version of the content. */
  readonly v: number;
  /** Where it was put last, if that was traced. */
  readonly trace?: KeptTrace;
}

/** A newer aixops may have put some of what was looked at: it is sent by a bot that knows it. */
export interface Page {
  readonly entries: readonly Entry[];
  /** Whether nothing comes behind them. */
  readonly isLast: boolean;
}

/** Where a message stands. */
export type Standing = Pick<Entry, 'channel' | 'thread' | 'ts' | 'sent' | 'postedIn'>;
