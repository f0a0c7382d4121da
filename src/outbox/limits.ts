import type { SendMethod } from '../core/observe.js';

/**
 * Until when Slack takes no more calls of a method. A 429 counts for one method over the whole workspace, but for posts, which
 * are counted by channel: what must wait with one method must not hold up what goes by another.
 * Source: docs.slack.dev, "Rate limits".
 */
export interface Limits {
  /** Epoch milliseconds; 0 where nothing was heard. */
  untilMs(method: SendMethod): number;
  note(method: SendMethod, untilMs: number): void;
}

/** What one bot has heard of its limits; another one hears it by itself. */
export function createLimits(): Limits {
  const until = new Map<SendMethod, number>();
  return {
    untilMs: (method) => until.get(method) ?? 0,
    note: (method, untilMs) => {
      until.set(method, Math.max(untilMs, until.get(method) ?? 0));
    },
  };
}
