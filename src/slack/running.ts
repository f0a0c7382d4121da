import type { WebClient } from '@slack/web-api';
import type { DoorView, SlackApp, SlackAppOptions } from './options.js';
import type { TokenWatch } from './token-watch.js';

/** One way in, of either kind. */
export interface Door {
  /** What was taken in and is not acknowledged yet. */
  readonly underWay: Set<Promise<void>>;
  open(): Promise<void>;
  isOpen(): boolean;
  /** Tries it; at most two seconds. */
  look(): Promise<DoorView>;
  close(): Promise<void>;
}

/** The app as its owner sees it: opening, closing, and how it is, with the token tried now and then. */
export function running(
  door: Door,
  client: WebClient,
  token: TokenWatch,
  { apiUrl, door: { mode } }: SlackAppOptions,
): Omit<SlackApp, 'touchHomes'> {
  const closed =
    mode === 'socket'
      ? `There is no Socket Mode connection to Slack at ${apiUrl}.`
      : 'The endpoint for Slack is not open.';
  return {
    client,
    start: async () => {
      await Promise.all([token.start(), Promise.race([door.open(), patience(10_000)])]);
    },
    stop: async () => {
      token.stop();
      // Closing under an entry would leave the person without an answer to what was queued.
      await Promise.race([Promise.allSettled(door.underWay), patience(3_000)]);
      await door.close();
    },
    status: () => ({
      connected: door.isOpen(),
      problem: token.state().sentence ?? (door.isOpen() ? null : closed),
    }),
    token: () => token.state(),
    doubtToken: () => token.doubt(),
    lookAtDoor: () => door.look(),
  };
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
