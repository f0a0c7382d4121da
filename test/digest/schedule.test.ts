import { describe, expect, it } from 'vitest';
import { dayBefore, isZone, localTime, weekdayOf, weekdays } from '../../src/digest/calendar.js';
import { dueDate, dueMs, isLate, isWeekly } from '../../src/digest/schedule.js';

const everyDay = [...weekdays];
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
const times = ['01:40', '02:10', '02:30', '23:40'];

/** Plays a clock that looks every ten minutes; what was due, and when. */
function play(zone: string, time: string, fromMs: number, toMs: number, days = everyDay) {
  const posted: { date: string; at: number }[] = [];
  for (let now = fromMs; now < toMs; now += 600_000) {
    const date = dueDate({ time, zone, days }, now, posted.at(-1)?.date ?? '2025-12-31');
    if (date !== null) posted.push({ date, at: now });
  }
  return posted;
}

describe('when a digest is due', () => {
  it.each(zones.flatMap((zone) => times.map((time) => [zone, time] as const)))(
    'in %s at %s comes once for every local day of a year with both nights of summer time',
    (zone, time) => {
      const posted = play(zone, time, Date.parse('2026-01-01T12:00:00Z'), Date.parse('2027-01-02T12:00:00Z'));
      const dates = posted.map(({ date }) => date);
      expect(new Set(dates).size).toBe(dates.length);
      const [first = ''] = dates;
      const expected: string[] = [];
      for (let day = dates.at(-1) ?? ''; day >= first; day = dayBefore(day)) expected.unshift(day);
      expect(dates).toEqual(expected);
      expect(dates.length).toBeGreaterThanOrEqual(365);
      // Never before its time, and in a night that leaves its time out within the hour after.
      for (const { date, at } of posted) {
        const local = localTime(at, zone);
        expect(local.date).toBe(date);
        expect(local.time >= time).toBe(true);
      }
    },
  );

  it('comes at three o’clock in the spring night that has no 02:30', () => {
    const [first] = play(
      'Europe/Berlin',
      '02:30',
      Date.parse('2026-03-29T00:10:00Z'),
      Date.parse('2026-03-29T06:00:00Z'),
    ).filter(({ date }) => date === '2026-03-29');
    expect(localTime(first?.at ?? 0, 'Europe/Berlin')).toEqual({ date: '2026-03-29', time: '03:00' });
  });

  it('does not come again when the autumn night shows 02:30 a second time', () => {
    const first = Date.parse('2026-10-25T00:30:00Z');
    const schedule = { time: '02:30', zone: 'Europe/Berlin', days: everyDay };
    expect(localTime(first, 'Europe/Berlin').time).toBe('02:30');
    expect(localTime(first + 3_600_000, 'Europe/Berlin').time).toBe('02:30');
    expect(dueDate(schedule, first, '2026-10-24')).toBe('2026-10-25');
    expect(dueDate(schedule, first + 1_800_000, '2026-10-25')).toBeNull();
    expect(dueDate(schedule, first + 3_600_000, '2026-10-25')).toBeNull();
  });

  it('is made up late under its own date, and of several missed days only the last one', () => {
    const schedule = { time: '07:30', zone: 'Europe/Berlin', days: everyDay };
    const night = Date.parse('2026-05-06T03:00:00Z');
    expect(dueDate(schedule, night, '2026-05-02')).toBe('2026-05-05');
    expect(isLate(schedule, '2026-05-05', night)).toBe(true);
    const morning = Date.parse('2026-05-06T05:31:00Z');
    expect(dueDate(schedule, morning, '2026-05-02')).toBe('2026-05-06');
    expect(isLate(schedule, '2026-05-06', morning)).toBe(false);
    expect(isLate(schedule, '2026-05-06', morning + 7_200_000)).toBe(true);
  });

  it.each([
    ['UTC', '2026-05-06', '07:30', '2026-05-06T07:30:00Z'],
    ['Europe/Berlin', '2026-05-06', '07:30', '2026-05-06T05:30:00Z'],
    ['Europe/Berlin', '2026-12-06', '07:30', '2026-12-06T06:30:00Z'],
    // The nights on which the clocks change: after the change, and before it.
    ['Europe/Berlin', '2026-03-29', '07:30', '2026-03-29T05:30:00Z'],
    ['Europe/Berlin', '2026-03-29', '01:30', '2026-03-29T00:30:00Z'],
    ['Europe/Berlin', '2026-10-25', '07:30', '2026-10-25T06:30:00Z'],
    ['America/Los_Angeles', '2026-05-06', '23:45', '2026-05-07T06:45:00Z'],
    ['Pacific/Auckland', '2026-01-06', '00:15', '2026-01-05T11:15:00Z'],
    ['Asia/Kathmandu', '2026-05-06', '07:30', '2026-05-06T01:45:00Z'],
  ])('is due in %s on %s at %s, which is %s', (zone, date, time, instant) => {
    expect(new Date(dueMs({ zone, time }, date)).toISOString()).toBe(instant.replace('Z', '.000Z'));
  });

  it('begins with today in a channel that never had one, and not with yesterday', () => {
    const schedule = { time: '07:30', zone: 'UTC', days: everyDay };
    expect(dueDate(schedule, Date.parse('2026-05-06T03:00:00Z'), null)).toBeNull();
    expect(dueDate(schedule, Date.parse('2026-05-06T15:00:00Z'), null)).toBe('2026-05-06');
  });

  it('keeps to business days, makes Friday’s up on Saturday, and calls the first of them weekly', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
    const posted = play(
      'Europe/Berlin',
      '07:30',
      Date.parse('2026-05-01T00:00:00Z'),
      Date.parse('2026-05-15T00:00:00Z'),
      [...days],
    );
    expect(posted.filter(({ date }) => ['sat', 'sun'].includes(weekdayOf(date)))).toEqual([]);
    const schedule = { time: '07:30', zone: 'Europe/Berlin', days: [...days] };
    expect(dueDate(schedule, Date.parse('2026-05-09T10:00:00Z'), '2026-05-07')).toBe('2026-05-08');
    expect(dueDate(schedule, Date.parse('2026-05-09T10:00:00Z'), '2026-05-08')).toBeNull();
    expect(isWeekly({ days }, '2026-05-11')).toBe(true);
    expect(isWeekly({ days }, '2026-05-12')).toBe(false);
    expect(isWeekly({ days: ['wed', 'sat'] }, '2026-05-13')).toBe(true);
  });

  it('is not posted again when an operator moves the clock back or the zone west', () => {
    const now = Date.parse('2026-05-06T10:00:00Z');
    expect(
      dueDate({ time: '07:30', zone: 'UTC', days: everyDay }, now - 86_400_000, '2026-05-06'),
    ).toBeNull();
    expect(
      dueDate({ time: '07:30', zone: 'America/New_York', days: everyDay }, now, '2026-05-06'),
    ).toBeNull();
  });
});

describe('a zone', () => {
  it('is an IANA name, and no offset', () => {
    expect(['Europe/Berlin', 'Australia/Lord_Howe', 'UTC'].every(isZone)).toBe(true);
    expect(['+02:00', 'Europe/Atlantis', '', 'CETT'].some(isZone)).toBe(false);
  });
});
