/** Whether messages that wait for Slack are on their way. */
import type { Look } from './board.js';
import type { Finding } from './readiness.js';

export interface OutboxView {
  /** Whether this process sends. */
  readonly isSending: () => boolean;
  /** Whether somebody has paused the queue of deliveries for all processes. */
  readonly isPaused: () => Promise<boolean>;
  /** Channels that have something waiting. */
  readonly waiting: () => Promise<readonly string[]>;
  /** Names what is at the head of a channel and its version; null where nothing waits. */
  readonly head: (channel: string) => Promise<string | null>;
  /** Milliseconds that nobody sets. */
  readonly monotonic: () => number;
}

/** At a message a second nothing stays at the head for so long while Slack takes messages. */
const stuckMs = 5 * 60_000;
/** More channels than this are not looked into at a time. */
const mostChannels = 50;

/** A look that remembers what was at the head of each channel, and since when. */
export function lookAtOutbox(view: OutboxView): Look {
  let heads = new Map<string, { readonly head: string; readonly since: number }>();
  return async () => {
    if (!view.isSending())
      return failing('This process sends no messages any more although it should. Restart it.');
    if (await view.isPaused())
      return failing(
        'The queue "outbox" is paused, so no answer gets to Slack. Resume it where it was paused.',
      );
    const now = view.monotonic();
    const channels = (await view.waiting()).slice(0, mostChannels);
    const seen: typeof heads = new Map();
    for (const channel of channels) {
      const head = await view.head(channel);
      if (head === null) continue;
      const before = heads.get(channel);
      seen.set(channel, before?.head === head ? before : { head, since: now });
    }
    heads = seen;
    const stuck = [...seen].filter(([, { since }]) => now - since > stuckMs);
    return stuck.length === 0
      ? { state: 'ok', sentence: '' }
      : failing(stuckWords(stuck.map(([name]) => name)));
  };
}

function stuckWords(channels: readonly string[]): string {
  const shown = channels.slice(0, 3).join(', ');
  const where = channels.length > 3 ? `${shown} and ${channels.length - 3} more channels` : shown;
  return `Messages for ${where} have not gone out for ${stuckMs / 60_000} minutes. They are kept. Look in the log for what Slack says, and at slack-token.`;
}

function failing(sentence: string): Finding {
  return { state: 'failing', sentence };
}
