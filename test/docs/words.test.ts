import { describe, expect, it } from 'vitest';
import { pages, proseOf } from './pages.js';

/** Words that mean one thing here are said by one word. What stands in code, such as a command's own words, is not looked at. */
const others: readonly (readonly [instead: string, pattern: RegExp])[] = [
  ['LPAR', /\bVMs?\b(?! Recovery Manager)/],
  ['managed system', /\bCECs?\b/],
  ['node', /\bbox(?:es)?\b/i],
  ['node ID', /\bmachine ids?\b/i],
  ['level, VRMF', /\bpackage versions?\b/i],
  ['interim fix, PTF', /\b(?:hot)?patch(?:es|ed)?\b/i],
  ['HMC', /\bhardware management console(?!s? \(HMC\)|s?\b.{0,3}\(HMC)/i],
];

describe('the manual', () => {
  it.each(pages.map((page) => [page.path, page] as const))(
    '%s says things as the field says them',
    (_path, page) => {
      const found = proseOf(page)
        .split('\n')
        .flatMap((line) =>
          others
            .filter(([, pattern]) => pattern.test(line))
            .map(([instead]) => `say ${instead}: ${line.trim()}`),
        );
      expect(found).toEqual([]);
    },
  );
});
