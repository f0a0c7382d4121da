/**
 * Slack's rate limits, as far as the bot can run into them. Tiers count per method and minute; `chat.postMessage` is
 * one message a second and channel, with short bursts. Source: docs.slack.dev, "Rate limits" and each method's page.
 */
const perMinute: Record<string, number> = {
  'apps.connections.open': 50,
  'chat.delete': 50,
  'chat.getPermalink': 600,
  'chat.postEphemeral': 100,
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.info': 50,
  'conversations.list': 20,
  'conversations.members': 100,
  'conversations.open': 50,
  'conversations.replies': 50,
  'files.completeUploadExternal': 100,
  'files.getUploadURLExternal': 100,
  'files.info': 100,
  'reactions.add': 50,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'users.info': 100,
  'users.list': 20,
  'users.lookupByEmail': 50,
  'views.open': 100,
  'views.publish': 100,
  'views.push': 100,
  'views.update': 100,
};

/** How many posts to one channel Slack lets through at once before it asks for one a second. */
const burst = 3;

/** Counts the calls that were let through and says when one comes too early. */
export class Rates {
  readonly #calls = new Map<string, number[]>();
  readonly #channels = new Map<string, { tokens: number; at: number }>();

  /** Seconds to wait (`Retry-After`), or null when the call may pass and is counted. `now` is in milliseconds. */
  take(method: string, channel: string | null, now: number): number | null {
    if (method === 'chat.postMessage' && channel !== null) return this.#takePost(channel, now);
    const limit = perMinute[method];
    if (limit === undefined) return null;
    const recent = (this.#calls.get(method) ?? []).filter((at) => now - at < 60_000);
    this.#calls.set(method, recent);
    const first = recent[0];
    if (first !== undefined && recent.length >= limit)
      return Math.max(1, Math.ceil((60_000 - (now - first)) / 1_000));
    recent.push(now);
    return null;
  }

  #takePost(channel: string, now: number): number | null {
    const bucket = this.#channels.get(channel) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / 1_000);
    if (tokens < 1) {
      this.#channels.set(channel, { tokens, at: now });
      return 1;
    }
    this.#channels.set(channel, { tokens: tokens - 1, at: now });
    return null;
  }
}
