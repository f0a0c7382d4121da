/** `windows` and `breakGlass` of `policy.yaml`: when changes may begin, and who may break that. */
import { z } from 'zod';
import { isZone, weekdays, type Weekday } from '../digest/calendar.js';
import { listOf, oneOf, targetWords, whoList } from './words.js';

const timeOfDay = z
  .string('This is a time of day such as "22:00", in quotes')
  .regex(
    /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'This is a time of day such as "22:00", in quotes; the end of a day is "24:00"',
  );

const window = z
  .strictObject(
    {
      targets: targetWords.describe('For which targets; what no window names may begin at any time.'),
      zone: z
        .string('This is an IANA time zone such as Europe/Berlin')
        .refine(isZone, 'This is an IANA time zone such as Europe/Berlin or UTC')
        .describe('The zone of its times.'),
      /** Days on which it opens; one that ends after midnight ends on the day after. */
      days: listOf(oneOf(weekdays), `This is a list of days: ${weekdays.join(', ')}`)
        .default([...weekdays])
        .describe('Days on which it opens.'),
      from: timeOfDay
        .refine(
          (time) => time !== '24:00',
          'A window opens at "00:00" at the earliest, "23:59" at the latest',
        )
        .describe('From when on changes may begin.'),
      to: timeOfDay.describe('Until when; one that ends after midnight ends on the day after.'),
    },
    'This is a window such as { targets: ["tag:env=prod"], zone: Europe/Berlin, days: [sat], from: "22:00", to: "04:00" }',
  )
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    message: 'A window ends later than it opens: a whole day is from "00:00" to "24:00"',
  });

/** When changes of some targets may begin; what no window names may begin at any time. */
export const windowsSection = z.array(window, 'This is a list of windows').max(200).default([]);

/** Who may open windows and freezes for one target, and for how long. Left out, nobody may. */
export const breakGlassSection = z
  .strictObject({
    who: whoList.describe('Who may open windows and freezes for one target. Left out, nobody.'),
    minutes: z
      .number('This is a number of minutes')
      .int('This is a whole number of minutes')
      .min(1, 'This is at least 1 minute')
      .max(120, 'This is at most 120 minutes')
      .default(15)
      .describe('For how long.'),
  })
  .optional();

/** Their keys, for "did you mean". */
export const timeKeys: readonly string[] = ['targets', 'zone', 'days', 'from', 'to', 'who', 'minutes'];

/** One window. Times are of the clock on the wall of its zone; `to` at or before `from` is on the day after. */
export interface WindowRule {
  /** Words that commands take: any of them. */
  readonly targets: readonly string[];
  /** IANA zone. */
  readonly zone: string;
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}
