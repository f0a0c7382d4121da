import type { WebClient } from '@slack/web-api';
import type { Observe } from '../core/observe.js';
import type { Tracing } from '../core/tracing.js';
import type { TokenState } from './token-watch.js';
import type { SlackLog, SlackTools } from './tools.js';

/** How Slack reaches us: by sockets that we open, or by requests that it signs. */
export type SlackDoor =
  | { readonly mode: 'socket'; readonly appToken: string; readonly connections?: number }
  | {
      readonly mode: 'http';
      readonly signingSecret: string;
      readonly host: string;
      readonly port: number;
      readonly path?: string;
    };

export interface SlackAppOptions {
  readonly door: SlackDoor;
  readonly botToken: string;
  /** `https://slack.com/api/`, or a Slack for tests. */
  readonly apiUrl: string;
  readonly tools: SlackTools;
  readonly log: SlackLog;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly observe?: Observe;
  readonly tracing?: Tracing;
  /** So long after it was told to stop the door stays open, for a load balancer learns of that late; 0 unless said otherwise. */
  readonly drainMs?: number;
  /** How often the bot token is tried, in milliseconds; 30 s unless said otherwise. */
  readonly probeMs?: number;
}

export interface SlackStatus {
  /** Whether something can arrive. */
  readonly connected: boolean;
  /** What a person must mend, in one sentence; null when all is well. */
  readonly problem: string | null;
}

/** How the way in is: `unknown` where something else that is away keeps it from being tried. */
export interface DoorView {
  readonly kind: 'open' | 'closed' | 'unknown';
  readonly sentence: string;
}

export interface SlackApp {
  /** Opens the door. Resolves when something can arrive, or after ten seconds: `status` says which. */
  start(): Promise<void>;
  /** Closes the door; what was already taken in is finished. */
  stop(): Promise<void>;
  status(): SlackStatus;
  /** How Slack took the bot token at the last try. */
  token(): TokenState;
  /** A call with the bot token was refused: it is tried at once. */
  doubtToken(): void;
  /** Tries the way in: over HTTP by a signed request of our own. Takes at most two seconds. */
  lookAtDoor(): Promise<DoorView>;
  /** Something may have moved: the Home tabs that are being looked at are drawn anew, within some seconds. */
  touchHomes(): void;
  /** For the outbox: it has a time limit and never retries by itself. */
  readonly client: WebClient;
}
