import { describe, expect, it } from 'vitest';
import { dressBodyForPage, dressForPage } from './page-dress.js';

describe('dressForPage', () => {
  it('shows a date token by its fallback', () => {
    expect(dressForPage('at <!date^1772593500^{date_short_pretty} {time}|2026-03-04 03:05 UTC>.')).toBe(
      'at 2026-03-04 03:05 UTC.',
    );
  });

  it('draws a preformatted block as lines of code that keep their blanks', () => {
    expect(dressForPage('a\n```\nx  y\n\n z\n```\nb')).toBe('a\n`x\u00a0\u00a0y`\n`\u00a0`\n`\u00a0z`\nb');
  });

  it('shows entities as brackets that are no markup', () => {
    expect(dressForPage('&lt;!channel&gt; &amp; <@U0ASKER>')).toBe('‹!channel› & <@U0ASKER>');
  });
});

describe('dressBodyForPage', () => {
  it('rewrites mrkdwn and the text of the message, and leaves values and plain texts', () => {
    const body = {
      channel: 'C1',
      text: 'a &amp; b',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: '&lt;x&gt;' } },
        {
          type: 'actions',
          elements: [{ type: 'button', value: '&amp;', text: { type: 'plain_text', text: '&amp;' } }],
        },
      ],
    };
    expect(dressBodyForPage(body)).toEqual({
      channel: 'C1',
      text: 'a & b',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: '‹x›' } },
        {
          type: 'actions',
          elements: [{ type: 'button', value: '&amp;', text: { type: 'plain_text', text: '&amp;' } }],
        },
      ],
    });
  });
});
