import type { Refusal } from './message-limits.js';

const validMs = 3_000;
/** One opened and two pushed on top of it. Source: docs.slack.dev, views.push. */
const deepest = 3;

/** The `trigger_id`s that were handed to the bot: good for three seconds and one modal each. */
export class Triggers {
  readonly #given = new Map<string, { at: number; isUsed: boolean }>();
  #depth = 0;

  give(id: string, now: number): void {
    this.#given.set(id, { at: now, isUsed: false });
    if (this.#given.size > 1_000) this.#given.delete(this.#given.keys().next().value ?? '');
  }

  /** Uses up a trigger for a modal; why Slack would refuse, or null. */
  use(id: string, method: string, now: number): Refusal | null {
    const trigger = this.#given.get(id);
    if (trigger === undefined) return { error: 'invalid_trigger_id' };
    if (trigger.isUsed) return { error: 'exchanged_trigger_id' };
    if (now - trigger.at > validMs) return { error: 'expired_trigger_id' };
    if (method === 'views.push' && this.#depth >= deepest) return { error: 'push_limit_reached' };
    trigger.isUsed = true;
    this.#depth = method === 'views.push' ? this.#depth + 1 : 1;
    return null;
  }
}

/** How often a `response_url` was used: five times within thirty minutes, then never again. */
export class ResponseUrls {
  readonly #used = new Map<string, { count: number; since: number }>();

  /** Notes when a `response_url` was handed out. */
  give(id: string, now: number): void {
    this.#used.set(id, { count: 0, since: now });
    if (this.#used.size > 1_000) this.#used.delete(this.#used.keys().next().value ?? '');
  }

  /** Counts one use; why Slack would refuse, or null. */
  use(id: string, now: number): Refusal | null {
    const url = this.#used.get(id);
    if (url === undefined || now - url.since > 30 * 60_000) return { error: 'expired_url' };
    if (url.count >= 5) return { error: 'used_url' };
    url.count += 1;
    return null;
  }
}
