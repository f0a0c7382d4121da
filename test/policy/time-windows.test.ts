import { describe, expect, it } from 'vitest';
import { weekdays, type Weekday } from '../../src/digest/calendar.js';
import type { WindowRule } from '../../src/policy/time-rules.js';
import { isOpen, nextOpening } from '../../src/policy/time-windows.js';

function window(zone: string, days: string, from: string, to: string): WindowRule {
  const chosen = days === 'daily' ? weekdays : (days.split(' ') as Weekday[]);
  return { targets: ['all'], zone, days: chosen, from, to };
}

const berlin = (days: string, from: string, to: string): WindowRule =>
  window('Europe/Berlin', days, from, to);
const weekend = berlin('sat sun', '22:00', '04:00');
const gap = berlin('daily', '02:10', '02:40');
const acrossGap = berlin('daily', '02:30', '05:00');
const sundayGap = berlin('sun', '02:10', '02:40');

// 2026: Berlin springs from 02:00 to 03:00 on 29 March (01:00 UTC) and back at 03:00 on 25 October (01:00 UTC).
// prettier-ignore
const moments: readonly (readonly [string, WindowRule, string, boolean, string | null])[] = [
  // name, window, moment in UTC, open?, next opening in UTC (the moment itself where open)
  ['is open from its first minute', weekend, '2026-11-21T21:00:00Z', true, '2026-11-21T21:00:00Z'],
  ['is closed a second before', weekend, '2026-11-21T20:59:59Z', false, '2026-11-21T21:00:00Z'],
  ['stays open over midnight', weekend, '2026-11-22T02:59:59Z', true, '2026-11-22T02:59:59Z'],
  ['is closed at its last minute', weekend, '2026-11-22T03:00:00Z', false, '2026-11-22T21:00:00Z'],
  ['ends on the Monday after its Sunday', weekend, '2026-11-23T02:30:00Z', true, '2026-11-23T02:30:00Z'],
  [
    'does not begin on the Friday before its Saturday',
    weekend,
    '2026-11-20T22:00:00Z',
    false,
    '2026-11-21T21:00:00Z',
  ],
  [
    'does not take the night to Saturday for one of Saturday',
    weekend,
    '2026-11-21T01:00:00Z',
    false,
    '2026-11-21T21:00:00Z',
  ],
  ['knows the summer', weekend, '2026-07-04T20:00:00Z', true, '2026-07-04T20:00:00Z'],
  [
    'is closed in the summer an hour that is open in winter',
    weekend,
    '2026-07-05T02:30:00Z',
    false,
    '2026-07-05T20:00:00Z',
  ],
  [
    'opens at midnight to midnight',
    berlin('wed', '00:00', '24:00'),
    '2026-11-25T22:59:59Z',
    true,
    '2026-11-25T22:59:59Z',
  ],
  [
    'is closed when that day is over',
    berlin('wed', '00:00', '24:00'),
    '2026-11-25T23:00:00Z',
    false,
    '2026-12-01T23:00:00Z',
  ],
  [
    'opens in the evening and ends with the day',
    berlin('mon', '20:00', '24:00'),
    '2026-11-23T23:00:00Z',
    false,
    '2026-11-30T19:00:00Z',
  ],

  [
    'does not open in the hour that spring leaves out',
    gap,
    '2026-03-29T00:30:00Z',
    false,
    '2026-03-30T00:10:00Z',
  ],
  ['is closed right behind the gap', gap, '2026-03-29T01:15:00Z', false, '2026-03-30T00:10:00Z'],
  [
    'opens at the jump where its first minute is left out',
    acrossGap,
    '2026-03-29T00:59:00Z',
    false,
    '2026-03-29T01:00:00Z',
  ],
  ['is open behind the jump', acrossGap, '2026-03-29T01:00:00Z', true, '2026-03-29T01:00:00Z'],
  ['ends at its time of the summer', acrossGap, '2026-03-29T03:00:00Z', false, '2026-03-30T00:30:00Z'],
  [
    'waits a week where its only day swallows it',
    sundayGap,
    '2026-03-28T12:00:00Z',
    false,
    '2026-04-05T00:10:00Z',
  ],
  [
    'is an hour shorter in the night of spring',
    weekend,
    '2026-03-29T02:00:00Z',
    false,
    '2026-03-29T20:00:00Z',
  ],

  ['is open in the first of the double hours', gap, '2026-10-25T00:10:00Z', true, '2026-10-25T00:10:00Z'],
  ['is closed between the two', gap, '2026-10-25T00:45:00Z', false, '2026-10-25T01:10:00Z'],
  ['is open in the second of the double hours', gap, '2026-10-25T01:39:00Z', true, '2026-10-25T01:39:00Z'],
  ['is closed after the second', gap, '2026-10-25T01:40:00Z', false, '2026-10-26T01:10:00Z'],
  [
    'opens again at the jump back where the hour is in it',
    berlin('daily', '01:00', '02:30'),
    '2026-10-25T00:45:00Z',
    false,
    '2026-10-25T01:00:00Z',
  ],
  ['is an hour longer in the night of autumn', weekend, '2026-10-25T02:30:00Z', true, '2026-10-25T02:30:00Z'],

  [
    'knows zones ahead of UTC by a day',
    window('Pacific/Kiritimati', 'mon', '00:00', '01:00'),
    '2026-11-22T10:30:00Z',
    true,
    '2026-11-22T10:30:00Z',
  ],
  [
    'knows zones behind UTC',
    window('Pacific/Honolulu', 'sun', '22:00', '23:00'),
    '2026-11-23T08:30:00Z',
    true,
    '2026-11-23T08:30:00Z',
  ],
  [
    'knows zones of three quarters of an hour',
    window('Asia/Kathmandu', 'daily', '06:00', '07:00'),
    '2026-11-23T00:00:00Z',
    false,
    '2026-11-23T00:15:00Z',
  ],
  [
    'knows a jump of half an hour',
    window('Australia/Lord_Howe', 'daily', '02:10', '02:20'),
    '2026-10-03T15:00:00Z',
    false,
    '2026-10-04T15:10:00Z',
  ],
  [
    'knows the south, where October springs',
    window('America/Santiago', 'daily', '00:15', '00:45'),
    '2026-09-06T03:30:00Z',
    false,
    '2026-09-07T03:15:00Z',
  ],
];

describe('a window', () => {
  it.each(moments)('%s', (_name, rule, at, open, next) => {
    const ms = Date.parse(at);
    expect(isOpen(rule, ms)).toBe(open);
    const found = nextOpening(rule, ms);
    expect(found === null ? null : new Date(found).toISOString()).toBe(
      next === null ? null : new Date(next).toISOString(),
    );
  });

  it('opens next where a minute by minute look finds it, over both nights of the year', () => {
    const rules = [
      weekend,
      gap,
      acrossGap,
      sundayGap,
      berlin('daily', '01:00', '02:30'),
      berlin('sun', '23:30', '02:30'),
    ];
    const starts = ['2026-03-28T18:07:00Z', '2026-10-24T20:01:00Z', '2026-10-25T00:31:00Z'].map(Date.parse);
    for (const rule of rules) {
      for (const start of starts) {
        let at = start;
        while (!isOpen(rule, at) && at - start < 9 * 86_400_000) at += 60_000;
        expect([rule, new Date(nextOpening(rule, start) ?? 0)]).toEqual([rule, new Date(at)]);
      }
    }
  });
});
