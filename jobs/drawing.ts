import type { Request } from '../src/core/request.js';
import type { Verdict } from '../src/core/verdict.js';
import { showRequest } from './show.js';
import type { Tools } from './tools.js';

/** A card is drawn at most so often while a sweep is under way. */
const drawEveryMs = 1_000;

/** The card of a request while its targets are read. */
export interface Drawing {
  /** Draws it anew with one more verdict, at once or when it is time for that. Rejects where it could not be drawn before. */
  readonly tell: (verdict: Verdict) => Promise<void>;
  /** Draws nothing more; resolves when nothing is on its way either, so that what is drawn next stays. */
  end(): Promise<void>;
}

/** Begins to draw a card as verdicts come in. */
export function drawing(reading: Request, tools: Pick<Tools, 'requests' | 'outbox' | 'clock'>): Drawing {
  const verdicts: Verdict[] = [];
  let drawnAt = tools.clock();
  let isOver = false;
  let timer: NodeJS.Timeout | null = null;
  let last: Promise<void> = Promise.resolve();
  const draw = (): void => {
    timer = null;
    drawnAt = tools.clock();
    last = showRequest({ ...reading, done: verdicts.length, verdicts: sorted(verdicts) }, tools);
    // Whoever tells the next verdict is told.
    last.catch(() => undefined);
  };
  return {
    tell: async (verdict) => {
      verdicts.push(verdict);
      if (isOver || timer !== null || verdicts.length === reading.total) return;
      const dueMs = drawnAt + drawEveryMs - tools.clock();
      if (dueMs <= 0) draw();
      // Also where nothing more comes for a while: the card is not to lag behind what is known.
      else timer = setTimeout(draw, dueMs);
      await last;
    },
    end: async () => {
      isOver = true;
      if (timer !== null) clearTimeout(timer);
      await last.catch(() => undefined);
    },
  };
}

const order = { crit: 0, unknown: 1, warn: 2, ok: 3 } as const;

/** Worst first, then by name. */
export function sorted(verdicts: readonly Verdict[]): readonly Verdict[] {
  return [...verdicts].sort(
    (a, b) => order[a.verdict] - order[b.verdict] || a.target.localeCompare(b.target),
  );
}
