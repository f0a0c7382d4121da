import { describe, expect, it } from 'vitest';
import { droppedWords } from '../../src/slack/dropped.js';

describe('what the log says of a message that Slack refused', () => {
  it.each(['not_in_channel', 'channel_not_found'])('names the way into the channel for %s', (code) => {
    expect(droppedWords(code)).toMatch(/^the bot is not in this channel.* invite it there with \/invite/);
    expect(droppedWords(code)).toContain('not tried again');
  });

  it.each(['msg_too_long', 'constructor', ''])('gives no advice that it does not have: "%s"', (code) => {
    expect(droppedWords(code)).toBeNull();
  });
});
