import fc from 'fast-check';
import { growth } from '../../cost.js';
import { describe, expect, it } from 'vitest';
import {
  clip,
  clipMrkdwn,
  code,
  codeBlock,
  count,
  escapeText,
  headTail,
  plain,
  someOf,
  visible,
} from '../../../src/slack/views/text.js';
import { duration, utc, when } from '../../../src/slack/views/time.js';

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '<!channel>',
        '<@U0ASKER>',
        '<https://evil.example|x>',
        '@here',
        '@everyone',
        '```',
        '`',
        '*',
        '~',
        ':fire:',
        '\u202e',
        '\u200b',
        '\u001b[31m',
        '\ud83d',
        '👨‍👩‍👧‍👦',
        'مرحبا',
        '\r\n',
        '&amp;',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('escapeText', () => {
  it('lets nothing ping, link or hide', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const safe = escapeText(text);
        expect(safe).not.toMatch(/[<>`]/);
        expect(safe).not.toMatch(/(?<![\w.])@[a-z]/i);
        expect(safe).not.toContain('://');
        expect(safe).not.toMatch(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
        );
        expect(safe).not.toMatch(/&(?!amp;|lt;|gt;)/);
        expect(safe).not.toMatch(/\p{Cs}/u);
      }),
    );
  });

  it.each([
    ['<!channel> hello', '&lt;!channel&gt; hello'],
    ['@here now', '@ here now'],
    ['root@lpar1', 'root@lpar1'],
    ['see https://evil.example', 'see https[:]//evil.example'],
    ['9009-42A*7800001', '9009-42A*7800001'],
    ['*bold* ~gone~', '∗bold∗ ∼gone∼'],
    [':fire:', '∶fire:'],
    ['lpar9:22: timed out at 03:05:10', 'lpar9:22: timed out at 03:05:10'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['a\u0007b', 'a␇b'],
    ['exe\u202etxt', 'exe‹U+202E›txt'],
  ])('shows %j as %j', (text, shown) => {
    expect(escapeText(text)).toBe(shown);
  });
});

describe('visible', () => {
  it('keeps tabs and line ends, and joins CR LF', () => {
    expect(visible('a\tb\r\nc\nd')).toBe('a\tb\nc\nd');
  });

  it('shows half a surrogate pair by its code', () => {
    expect(visible('x\ud83dy')).toBe('x‹U+D83D›y');
  });
});

describe('code and codeBlock', () => {
  it('cannot be left from inside', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(code(text)).toMatch(/^(?:`[^`\n]+`|_\(nothing\)_)$/);
        const block = codeBlock(text, 500);
        expect(block.length).toBeLessThanOrEqual(500);
        if (block !== '_(printed nothing)_') expect(block.split('```')).toHaveLength(3);
      }),
    );
  });

  it('keeps single backticks of a command as they are', () => {
    expect(codeBlock('echo `date` x')).toBe('```\necho `date` x\n```');
  });

  it('says that nothing was printed', () => {
    expect(codeBlock(' \n')).toBe('_(printed nothing)_');
  });
});

describe('clip', () => {
  it('says how much is hidden', () => {
    expect(clip('a'.repeat(100), 50)).toMatch(/^a+ … \(\d+ more characters\)$/);
  });

  it('leaves short text as it is', () => {
    expect(clip('abc', 3)).toBe('abc');
  });

  it('never passes its limit, never cuts a character, and counts right', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 60, maxLength: 300 }),
        fc.integer({ min: 40, max: 200 }),
        (text, max) => {
          const cut = clip(text, max);
          expect(cut.length).toBeLessThanOrEqual(Math.max(max, text.length <= max ? text.length : 0));
          expect(cut).not.toMatch(/\p{Cs}/u);
          const note = /^(?<head>[\s\S]*) … \((?<n>[\d,]+) more characters?\)$/.exec(cut);
          if (text.length <= max || note?.groups === undefined) return;
          const { head = '', n = '' } = note.groups;
          expect(text.startsWith(head)).toBe(true);
          expect(Array.from(head).length + Number(n.replaceAll(',', ''))).toBe(Array.from(text).length);
        },
      ),
    );
  });

  it('never cuts an entity', () => {
    for (let max = 30; max < 80; max += 1) expect(clip('&lt;'.repeat(50), max)).toMatch(/^(?:&lt;)* … /);
  });

  it('keeps a family of emoji together', () => {
    const family = '👨‍👩‍👧‍👦';
    expect(clip(family.repeat(20), 60).split(' … ')[0]?.length).toSatisfy(
      (n: number) => n % family.length === 0,
    );
  });

  it('takes ten megabytes, and no more than linear time', () => {
    expect(codeBlock('é`<'.repeat(3_500_000), 1_000)).toHaveLength(1_000);
    expect(headTail('\n'.repeat(10_000_000) + 'x', { head: 2, tail: 2 })).toContain('9,999,997 lines hidden');
    expect(growth((scale) => codeBlock('é`<'.repeat(scale * 50_000), 1_000))).toBeLessThan(24);
    expect(growth((scale) => headTail('\n'.repeat(scale * 100_000), { head: 2, tail: 2 }))).toBeLessThan(24);
  }, 120_000);
});

describe('clipMrkdwn', () => {
  it('keeps whole lines and says how many are hidden', () => {
    const text = Array.from({ length: 20 }, (_, i) => `line ${i} <@U0ASKER>`).join('\n');
    expect(clipMrkdwn(text, 110)).toBe('line 0 <@U0ASKER>\nline 1 <@U0ASKER>\n… 18 more lines hidden');
  });

  it('keeps count where it is cut twice', () => {
    const text = Array.from({ length: 20 }, (_, i) => `line ${i} <@U0ASKER>`).join('\n');
    expect(clipMrkdwn(clipMrkdwn(text, 200), 110)).toBe(clipMrkdwn(text, 110));
  });

  it('closes a block that it cuts', () => {
    const text = `\`\`\`\n${'x'.repeat(30)}\n${'y'.repeat(100)}\n\`\`\``;
    expect(clipMrkdwn(text, 120)).toBe(`\`\`\`\n${'x'.repeat(30)}\n\`\`\`\n… 2 more lines hidden`);
  });

  it('cuts no mention or date of a long line in half', () => {
    const text = Array.from({ length: 40 }, () => '<@U0ASKER>').join(' ');
    for (let max = 100; max < 130; max += 1) {
      const cut = clipMrkdwn(text, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.replaceAll('<@U0ASKER>', '')).not.toMatch(/[<>]/);
    }
  });
});

describe('headTail', () => {
  it('shows both ends and says how many lines are between', () => {
    const text = Array.from({ length: 130 }, (_, i) => `line ${i + 1}`).join('\n');
    expect(headTail(text, { head: 1, tail: 1 })).toBe('line 1\n… 128 lines hidden …\nline 130');
    expect(headTail(text, { head: 2, tail: 0 })).toBe('line 1\nline 2\n… 128 lines hidden …');
  });

  it('shows short text whole, without the line ends after it', () => {
    expect(headTail('a\nb\n\n', { head: 1, tail: 1 })).toBe('a\nb');
  });

  it('clips a line that is too wide, and says so', () => {
    expect(headTail('x'.repeat(500), { head: 1, tail: 1, width: 60 })).toMatch(/more characters\)$/);
  });
});

describe('small words', () => {
  it('groups digits', () => {
    expect([count(7), count(1234), count(1_234_567)]).toEqual(['7', '1,234', '1,234,567']);
  });

  it('names some and counts the rest', () => {
    expect(someOf(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
    expect(someOf(['a', 'b'], 2)).toBe('a, b');
  });

  it('makes plain text of markup', () => {
    expect(plain('a <b>\n& :fire:', 75)).toBe('a ‹b› ＆ ∶fire:');
  });

  it('writes times for the reader’s zone, with UTC for clients that cannot', () => {
    expect(when('2026-03-04T03:05:00.000Z')).toBe(
      '<!date^1772593500^{date_short_pretty} {time}|2026-03-04 03:05 UTC>',
    );
    expect(utc('2026-03-04T03:05:00.000Z')).toBe('2026-03-04 03:05 UTC');
    expect(when('<!channel>')).toBe('?!channel?');
  });

  it('writes durations in words', () => {
    expect([duration(850), duration(12_400), duration(120_000), duration(90_000)]).toEqual([
      '850 ms',
      '12 s',
      '2 min',
      '1 min 30 s',
    ]);
  });
});
