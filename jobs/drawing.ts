import type { Request } from '../src/core/request.js';
import type { Verdict } from '../src/core/verdict.js';
import { showRequest } from './show.js';
import type { Tools } from './tools.js';

/** A card is drawn at most so often while a sweep is under way. */
const drawEveryMs = 1_000;

/** The card of a request while its targets are read, drawn anew with each one more. */
export interface Drawing<T> {
  /** Takes one more in, and draws at once or when it is time for that. Rejects where it could not be drawn before. */
  readonly tell: (one: T) => Promise<void>;
  /** Draws nothing more; resolves when nothing is on its way either, so that what is drawn next stays. */
  end(): Promise<void>;
}

type DrawTools = Pick<Tools, 'requests' | 'outbox' | 'clock'>;

/** Begins to draw a card as verdicts come in. */
export function drawing(reading: Request, tools: DrawTools): Drawing<Verdict> {
  const verdicts: Verdict[] = [];
  return drawingAs<Verdict>(tools, (verdict) => {
    verdicts.push(verdict);
    return {
      isLast: verdicts.length === reading.total,
      now: () => ({ ...reading, done: verdicts.length, verdicts: sorted(verdicts) }),
    };
  });
}

/** Begins to draw a card as it is told how many targets have been read. */
export function counting(reading: Request, tools: DrawTools): Drawing<number> {
  return drawingAs<number>(tools, (done) => ({
    isLast: done === reading.total,
    now: () => ({ ...reading, done }),
  }));
}

/** A request with one more told; it is drawn later, or after the last one not at all: what comes then is drawn instead. */
type Next = { readonly isLast: boolean; readonly now: () => Request };

function drawingAs<T>(tools: DrawTools, add: (one: T) => Next): Drawing<T> {
  let drawnAt = tools.clock();
  let isOver = false;
  let timer: NodeJS.Timeout | null = null;
  let next: Next | null = null;
  let last: Promise<void> = Promise.resolve();
  const draw = (): void => {
    timer = null;
    if (next === null) return;
    drawnAt = tools.clock();
    last = showRequest(next.now(), tools);
    // Whoever tells the next one is told.
    last.catch(() => undefined);
  };
  return {
    tell: async (one) => {
      next = add(one);
      if (isOver || timer !== null || next.isLast) return;
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
