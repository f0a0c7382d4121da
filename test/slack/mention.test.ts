import { describe, expect, it } from 'vitest';
import { readMention } from '../../src/slack/mention.js';

describe('a mention', () => {
  it.each([
    ['<@U0BOT> rmc-status lpar1', 'rmc-status', 'lpar1'],
    ['hey <@U0BOT>', 'hey', ''],
    ['<@U0BOT>', '', ''],
    [
      '<@U0BOT>\u00a0rmc-status\n<http://lpar1.example.com|lpar1.example.com>',
      'rmc-status',
      'lpar1.example.com',
    ],
    ['<@U0BOT> rmc-status, lpar1', 'rmc-status', 'lpar1'],
  ])('%j is read', (text, command, rest) => {
    expect(readMention(text, 'U0BOT')).toEqual({ command, text: rest });
  });

  it('may be followed by a colon, as people write to each other', () => {
    expect(readMention('<@U0BOT|aixops>: /rmc-status lpar1', 'U0BOT')).toEqual({
      command: '/rmc-status',
      text: 'lpar1',
    });
  });

  it('takes the first mention as the bot’s where its id is not known', () => {
    expect(readMention('<@U0BOT> rmc-status <@U1>', null)).toEqual({ command: 'rmc-status', text: '@U1' });
  });
});
