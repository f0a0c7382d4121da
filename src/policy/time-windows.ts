/**
 * When a window is open, and when it opens next. The clock on the wall decides: a window in the hour that the autumn night
 * shows twice is open twice, one that lies wholly in the hour that the spring night leaves out does not open that day.
 */
import { dayMs, dayBefore, localTime, weekdayOf } from '../digest/calendar.js';
import type { WindowRule } from './time-rules.js';

const minuteMs = 60_000;
/** A window of one weekday that a spring night swallows opens a week later: nothing is looked for beyond. */
const daysAhead = 15;

/** Whether the window is open at this moment (epoch milliseconds). */
export function isOpen({ zone, days, from, to }: WindowRule, atMs: number): boolean {
  const { date, time } = localTime(atMs, zone);
  const today = days.includes(weekdayOf(date));
  if (from < to) return today && time >= from && time < to;
  return (today && time >= from) || (days.includes(weekdayOf(dayBefore(date))) && time < to);
}

/** The first moment from `fromMs` on at which the window is open; null when there is none within two weeks. */
export function nextOpening(window: WindowRule, fromMs: number): number | null {
  if (isOpen(window, fromMs)) return fromMs;
  const candidates = [
    ...openingTimes(window, fromMs),
    // Behind a jump of the clock a window may be open without its first minute ever having been shown.
    ...jumps(window.zone, fromMs),
  ].filter((at) => at >= fromMs && isOpen(window, at));
  return candidates.length === 0 ? null : Math.min(...candidates);
}

/** The moments at which the wall shows `from`, on each of the next days: none, one or two a day. */
function openingTimes({ zone, from }: WindowRule, fromMs: number): readonly number[] {
  const moments: number[] = [];
  const first = Date.parse(`${localTime(fromMs, zone).date}T00:00:00Z`);
  for (let day = 0; day <= daysAhead; day += 1) {
    const date = new Date(first + day * dayMs).toISOString().slice(0, 10);
    const asUtc = Date.parse(`${date}T${from}:00Z`);
    const offsets = new Set([offsetAt(asUtc - dayMs, zone), offsetAt(asUtc + dayMs, zone)]);
    for (const offset of offsets) {
      const moment = asUtc - offset;
      const shown = localTime(moment, zone);
      if (shown.date === date && shown.time === from) moments.push(moment);
    }
  }
  return moments;
}

/** The moments at which the clock on the wall jumps. */
function jumps(zone: string, fromMs: number): readonly number[] {
  const found: number[] = [];
  for (let day = 0; day < daysAhead; day += 1) {
    let before = fromMs + day * dayMs;
    let after = before + dayMs;
    const offset = offsetAt(before, zone);
    if (offsetAt(after, zone) === offset) continue;
    while (after - before > minuteMs) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle, zone) === offset) before = middle;
      else after = middle;
    }
    // Zones jump on whole minutes.
    found.push(Math.floor(after / minuteMs) * minuteMs);
  }
  return found;
}

/** How far the clock on the wall is ahead of UTC, in milliseconds. */
function offsetAt(atMs: number, zone: string): number {
  const { date, time } = localTime(atMs, zone);
  return Date.parse(`${date}T${time}:00Z`) - Math.floor(atMs / minuteMs) * minuteMs;
}
