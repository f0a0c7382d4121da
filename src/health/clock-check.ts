/** Whether the clock of this machine can be believed. */
import type { Look } from './board.js';
import type { Finding } from './readiness.js';

export interface ClockTools {
  /** Epoch milliseconds. */
  readonly wall: () => number;
  /** Milliseconds that nobody sets. */
  readonly monotonic: () => number;
  /** What Redis takes for the time, in epoch milliseconds. */
  readonly redisTime: () => Promise<number>;
}

/** Leases last 15 s and codes of authenticators 30 s: two clocks may differ by much less. */
const mostSkewMs = 5_000;
/** A slower answer says little of the time. */
const mostRoundTripMs = 1_500;
/** Between two looks wall clock and monotonic clock drift by far less, unless somebody sets the clock. */
const mostJumpMs = 5_000;
/** So long a jump is told after it. */
const toldForMs = 3_600_000;
/** This program is younger than that. */
const earliest = Date.UTC(2026, 0, 1);
const latest = Date.UTC(2100, 0, 1);

interface Jump {
  readonly byMs: number;
  readonly at: number;
  readonly sinceMs: number;
}

/**
 * Compares the wall clock with that of Redis, with the years in which this program can run, and with the monotonic clock
 * since the last look. A jump is told for an hour: which of the two times was right cannot be told from here.
 */
export function lookAtClock({ wall, monotonic, redisTime }: ClockTools): Look {
  let last = { wall: wall(), monotonic: monotonic() };
  let jump: Jump | null = null;
  const noticeJump = (): Jump | null => {
    const now = { wall: wall(), monotonic: monotonic() };
    const byMs = now.wall - last.wall - (now.monotonic - last.monotonic);
    if (Math.abs(byMs) > mostJumpMs) jump = { byMs, at: now.wall, sinceMs: now.monotonic };
    last = now;
    if (jump !== null && now.monotonic - jump.sinceMs > toldForMs) jump = null;
    return jump;
  };
  return async () => {
    const jumped = noticeJump();
    const insane = yearProblem(wall());
    if (insane !== null) return insane;
    const compared = await compare({ wall, monotonic, redisTime });
    if (compared.state !== 'ok' || jumped === null) return compared;
    return { state: 'warn', sentence: jumpWords(jumped) };
  };
}

function yearProblem(now: number): Finding | null {
  if (now > earliest && now < latest) return null;
  const said = Number.isFinite(now) && Math.abs(now) < 8.64e15 ? new Date(now).toISOString() : String(now);
  return {
    state: 'failing',
    sentence: `This machine's clock says ${said}, which cannot be. Set it, and switch on NTP: dates of certificates and windows for changes are judged by it.`,
  };
}

async function compare({ wall, monotonic, redisTime }: ClockTools): Promise<Finding> {
  const [before, began] = [wall(), monotonic()];
  const theirs = await answered(redisTime());
  if (typeof theirs === 'string')
    return { state: 'unknown', sentence: `The clock could not be compared with that of Redis (${theirs}).` };
  const tookMs = monotonic() - began;
  const skewMs = before + tookMs / 2 - theirs;
  if (Math.abs(skewMs) <= mostSkewMs + tookMs / 2) return { state: 'ok', sentence: '' };
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  return {
    state: 'failing',
    sentence: `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of Redis. Look at both, and switch on NTP where it is off: leases and codes do not hold over more than ${mostSkewMs / 1_000} s.`,
  };
}

/** What Redis said; in words, why it did not. */
async function answered(time: Promise<number>): Promise<number | string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it took too long to answer'), mostRoundTripMs);
  });
  try {
    return await Promise.race([time, late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

function jumpWords({ byMs, at }: Jump): string {
  const by = Math.round(Math.abs(byMs) / 1_000);
  const way = byMs > 0 ? 'forward' : 'back';
  return `This machine's clock was set ${way} by ${by} s at ${new Date(at).toISOString()}. See that it is right now; nothing needs a restart.`;
}
