import { dayBefore, localTime, weekdayOf, weekdays, type Weekday } from './calendar.js';

/** When and where one digest is posted, as the settings say. */
export interface DigestChannel {
  /** Slack's id of the channel. */
  readonly channel: string;
  /** Time of day, `07:30`. */
  readonly time: string;
  /** IANA zone. */
  readonly zone: string;
  /** Selectors of the inventory. */
  readonly targets: readonly string[];
  readonly days: readonly Weekday[];
}

type Schedule = Pick<DigestChannel, 'time' | 'zone' | 'days'>;

/**
 * The local date whose digest is due now, or null. `lastPosted` is the last date that was posted in this channel, null
 * for none ever.
 *
 * It asks the clock on the wall, and computes no instants: a time that the spring night leaves out is due as soon as the
 * wall shows a later one, and one that the autumn night shows twice was posted at the first. Days that were missed are
 * not made up one by one: only the latest is due, late, under its own date. A channel without any digest so far begins
 * with today's.
 */
export function dueDate(schedule: Schedule, nowMs: number, lastPosted: string | null): string | null {
  const now = localTime(nowMs, schedule.zone);
  const isPast = now.time >= schedule.time;
  const date = latestOf(schedule.days, isPast ? now.date : dayBefore(now.date));
  if (date === null) return null;
  if (lastPosted === null) return date === now.date ? date : null;
  return date > lastPosted ? date : null;
}

/**
 * The instant (epoch milliseconds) at which the digest of a date is due. A time that the spring night leaves out counts
 * from an hour around it: this is for telling how late it is, and decides nothing.
 */
export function dueMs({ time, zone }: Pick<DigestChannel, 'time' | 'zone'>, date: string): number {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  const shown = (ms: number): number => {
    const local = localTime(ms, zone);
    return Date.parse(`${local.date}T${local.time}:00Z`);
  };
  // The zone's distance from UTC at a first guess, and once more from there, for a night on which it changes.
  const guess = wanted - (shown(wanted) - wanted);
  return guess - (shown(guess) - wanted);
}

/** The date, or the last one before it whose weekday is wanted. */
function latestOf(days: readonly Weekday[], date: string): string | null {
  let day = date;
  for (let back = 0; back < 7; back += 1) {
    if (days.includes(weekdayOf(day))) return day;
    day = dayBefore(day);
  }
  return null;
}

/** More minutes behind its time than this, a digest says that it is late. */
const lateAfterMinutes = 60;

/** Whether the digest of that date is posted long after its time. */
export function isLate({ time, zone }: Schedule, date: string, nowMs: number): boolean {
  const now = localTime(nowMs, zone);
  return now.date !== date || minutesOf(now.time) - minutesOf(time) > lateAfterMinutes;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Whether this is the edition that lists what is far away too: Monday's, or the first of the week's days. */
export function isWeekly({ days }: Pick<Schedule, 'days'>, date: string): boolean {
  const first = weekdays.find((day) => days.includes(day));
  return weekdayOf(date) === first;
}
