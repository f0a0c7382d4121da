import { describe, expect, it } from 'vitest';
import { context, message, section } from '../../../src/slack/views/dress.js';
import { checkMessage } from '../block-limits.js';

const long = (sign: string): string => Array.from({ length: 100 }, () => sign.repeat(27)).join('\n');

describe('a message that is put together', () => {
  it('keeps every block where several long sections would be too much together, the longest giving way', () => {
    // A quote weighs double in JSON.
    const first = ['"', 'a', 'b', 'c', 'd'].map((sign) => section(long(sign)));
    const last = [section('*Undone by:* nothing.'), context('Change `c-1`')];
    const made = message({ text: 'All of it', first, last });
    checkMessage(made);
    expect(made.blocks).toHaveLength(7);
    expect(made.blocks.slice(-2)).toEqual(last);
    expect(JSON.stringify(made.blocks)).toMatch(/… \d+ more lines hidden/);
  });

  it('leaves alone what fits', () => {
    const first = [section(long('a'))];
    expect(message({ text: 'All of it', first }).blocks).toEqual(first);
  });
});
