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
  /** Fires when what arrives could not be acknowledged any more: it is left alone, and Slack tells the person. */
  readonly refusing: AbortController;
}

/** The app as its owner sees it: opening, closing, and how it is, with the token tried now and then. */
export function running(
  door: Door,
  client: WebClient,
  token: TokenWatch,
  { apiUrl, door: { mode }, drainMs = 0 }: SlackAppOptions,
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
      // Whoever shares the requests out among the bots learns of this only now: what comes meanwhile is still answered.
      if (door.isOpen() && drainMs > 0) await patience(drainMs);
      // Closing under an entry would leave the person without an answer to what was queued.
      await Promise.race([quiet(door), patience(3_000)]);
      // Where it never becomes quiet, as while Redis is away, the last ones are answered and no others are taken.
      if (mode === 'socket') door.refusing.abort();
      await Promise.race([quiet(door), patience(3_000)]);
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

/** Resolves at a moment in which nothing is under way: the door can be closed in the same one. */
async function quiet({ underWay }: Door): Promise<void> {
  while (underWay.size > 0) await Promise.allSettled(underWay);
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
