import type { SendMethod } from '../core/observe.js';

/**
 * Until when Slack takes no more calls of a method, and whose turn it is then. A 429 counts for one method over the whole
 * workspace, but for posts, which are counted by channel: what must wait with one method must not hold up what goes by
 * another. Where all channels tried at the moment when the wait is over, most would be refused again; so each that asks
 * gets a turn of its own, at the pace that Slack allows. Source: docs.slack.dev, "Rate limits".
 */
export interface Limits {
  /**
   * When a channel may call a method: its turn, which stands until it was used. Epoch milliseconds; what is not after now
   * is now. Who is `urgent` waits for Slack and for no other channel.
   */
  turnMs(method: SendMethod, channel: string, urgent: boolean): number;
  /** Whether a channel would have to wait for a method; gives it no turn. */
  isHeld(method: SendMethod, channel: string): boolean;
  /** A channel has used its turn: the next one comes behind those of the others. */
  used(method: SendMethod, channel: string): void;
  /** Slack wants no calls of a method until then (epoch milliseconds): all turns move behind it. */
  note(method: SendMethod, untilMs: number): void;
}

/** Between two calls of a method over all channels; what Slack takes at least, and mostly it takes more. */
const gapMs: Readonly<Record<SendMethod, number>> = {
  ...{ update: 60_000 / 50, whisper: 60_000 / 100, upload: 60_000 / 100 },
  // Counted by channel: each keeps its own pace.
  post: 0,
};
/** A turn that nobody used within this was not needed any more. */
const unusedMs = 30_000;

interface Line {
  untilMs: number;
  lastMs: number;
  readonly turns: Map<string, number>;
}

/** What one bot has heard of its limits; another one hears it by itself. `clock`: epoch milliseconds. */
export function createLimits(clock: () => number): Limits {
  const lines = new Map<SendMethod, Line>();

  /** The line before a method; undefined where nobody has to wait. */
  const lineOf = (method: SendMethod): Line | undefined => {
    const line = lines.get(method);
    if (line === undefined) return undefined;
    const now = clock();
    for (const [channel, turn] of line.turns) {
      // Turns are given in their order: what comes behind is later.
      if (turn > now - unusedMs) break;
      line.turns.delete(channel);
    }
    if (line.turns.size > 0 || line.untilMs > now) return line;
    lines.delete(method);
    return undefined;
  };

  return {
    turnMs: (method, channel, urgent) => {
      const line = lineOf(method);
      if (line === undefined) return 0;
      if (urgent) return line.untilMs;
      const given = line.turns.get(channel);
      if (given !== undefined) return given;
      line.lastMs = Math.max(line.untilMs, clock(), line.lastMs + gapMs[method]);
      line.turns.set(channel, line.lastMs);
      return line.lastMs;
    },
    isHeld: (method, channel) => {
      const line = lineOf(method);
      return line !== undefined && (line.turns.get(channel) ?? Infinity) > clock();
    },
    used: (method, channel) => {
      lines.get(method)?.turns.delete(channel);
    },
    note: (method, untilMs) => {
      const before = lines.get(method);
      const line: Line = { untilMs: Math.max(untilMs, before?.untilMs ?? 0), lastMs: 0, turns: new Map() };
      line.lastMs = line.untilMs - gapMs[method];
      for (const channel of before?.turns.keys() ?? [])
        line.turns.set(channel, (line.lastMs += gapMs[method]));
      lines.set(method, line);
    },
  };
}
