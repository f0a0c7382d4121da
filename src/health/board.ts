import {
  checks,
  readiness,
  withNeeds,
  type Check,
  type CheckName,
  type Finding,
  type Readiness,
  type Role,
} from './readiness.js';

/** Looks at one thing. What it throws is a fault of ours, or a thing that could not be told. */
export type Look = () => Finding | Promise<Finding>;

export interface BoardOptions {
  readonly role: Role;
  readonly names: readonly CheckName[];
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly stopping: AbortSignal;
  /** Is told of every check that comes into another state. */
  readonly onChange: (check: Check, before: Check) => void;
  /** Takes secrets out of a sentence. */
  readonly clean: (sentence: string) => string;
  /** Milliseconds between two rounds; 5 s unless said otherwise. */
  readonly roundMs?: number;
  /** Milliseconds that one look may take; 2 s unless said otherwise. */
  readonly limitMs?: number;
}

/** Where the last answer of every check stands, for whoever asks. */
export interface Board {
  /** From now on this check is looked at, every round or every `everyMs`. */
  attach(name: CheckName, look: Look, everyMs?: number): void;
  /** Answers from what is known: nothing that hangs can hold it up. */
  read(): Readiness;
  close(): void;
}

interface Attached {
  readonly look: Look;
  readonly everyMs: number;
  /** By the monotonic clock, in milliseconds. */
  nextAt: number;
}

/**
 * A board that looks at what is attached in rounds: what one round found is shown at once, so that a check and what it
 * needs are of the same moment.
 */
export function createBoard(options: BoardOptions): Board {
  const { role, names, clock, stopping, roundMs = 5_000, limitMs = 2_000 } = options;
  const attached = new Map<CheckName, Attached>();
  const found = new Map<CheckName, Finding>();
  const shown = new Map<CheckName, Check>(
    names.map((name) => [name, { name, state: 'starting', since: clock(), sentence: checks[name].starting }]),
  );
  let timer: NodeJS.Timeout | undefined;
  let isUnderWay = false;
  let isClosed = false;

  const show = (): void => {
    for (const [name, before] of shown) {
      const now = withNeeds(name, found);
      if (now === undefined) continue;
      const since = now.state === before.state ? before.since : clock();
      const check = { name, state: now.state, since, sentence: options.clean(now.sentence) };
      shown.set(name, check);
      if (now.state !== before.state && !stopping.aborted) options.onChange(check, before);
    }
  };

  const lookAt = async (name: CheckName, one: Attached, now: number): Promise<void> => {
    const { needs } = checks[name];
    // It would only say the same once more, in words that fit less.
    if (needs !== undefined && found.get(needs)?.state === 'failing') return;
    one.nextAt = now + one.everyMs;
    found.set(name, await inTime(one.look, limitMs));
  };

  const round = async (): Promise<void> => {
    isUnderWay = true;
    const now = performance.now();
    const due = [...attached].filter(([, { nextAt }]) => nextAt <= now);
    for (const turn of [0, 1, 2])
      await Promise.all(
        due.filter(([name]) => turnOf(name) === turn).map(([name, one]) => lookAt(name, one, now)),
      );
    isUnderWay = false;
    if (isClosed) return;
    show();
    again(roundMs);
  };

  const again = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void round(), ms).unref();
  };

  return {
    attach: (name, look, everyMs = 0) => {
      attached.set(name, { look, everyMs, nextAt: 0 });
      if (!isUnderWay && !isClosed) again(0);
    },
    read: () => readiness(role, [...shown.values()], stopping.aborted),
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** What others need is looked at before them. */
function turnOf(name: CheckName): 0 | 1 | 2 {
  const { needs, isLast = false } = checks[name];
  return isLast ? 2 : needs === undefined ? 0 : 1;
}

/** What a look found; that it did not answer, where it takes longer than `limitMs`. */
async function inTime(look: Look, limitMs: number): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    const sentence = `This did not answer within ${limitMs / 1000} s.`;
    timer = setTimeout(() => resolve({ state: 'failing', sentence }), limitMs);
  });
  try {
    return await Promise.race([late, Promise.resolve().then(look)]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { state: 'unknown', sentence: `This could not be looked at: ${why}` };
  } finally {
    clearTimeout(timer);
  }
}
