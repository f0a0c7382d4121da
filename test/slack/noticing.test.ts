import { describe, expect, it } from 'vitest';
import type { Observed } from '../../src/core/observe.js';
import { timed } from '../../src/slack/noticing.js';

function noticed(): { seen: Observed[]; observe: (what: Observed) => void } {
  const seen: Observed[] = [];
  return { seen, observe: (what) => void seen.push(what) };
}

const acked = () => Promise.resolve();

describe('a delivery from Slack', () => {
  it.each([
    [{ command: '/rmc-status' }, 'command'],
    [{ event: { type: 'app_mention' } }, 'mention'],
    [{ event: { type: 'app_home_opened' } }, 'home'],
    [{ event: { type: 'constructor' } }, 'other'],
    [{ type: 'block_actions' }, 'click'],
    [{ type: 'view_submission' }, 'form'],
    [{ type: 'block_suggestion' }, 'typeahead'],
    [{ type: 'toString' }, 'other'],
    [{ type: 7 }, 'other'],
    [{ event: null }, 'other'],
  ])('%j is a %s', async (body, entry) => {
    const { seen, observe } = noticed();
    await timed({ body, ack: acked }, observe).event.ack();
    expect(seen).toEqual([
      { kind: 'slack-entry', entry, outcome: 'acknowledged', ms: expect.any(Number) as number },
    ]);
  });

  it('is noticed once: acknowledged, unanswered, or left to another process', async () => {
    const outcomes = async (ack: () => Promise<void>, isAcked: boolean): Promise<unknown[]> => {
      const { seen, observe } = noticed();
      const { event, over } = timed({ body: { command: '/x' }, ack }, observe);
      if (isAcked) await event.ack().catch(() => undefined);
      over();
      return seen.map((what) => (what.kind === 'slack-entry' ? what.outcome : what.kind));
    };
    expect(await outcomes(acked, true)).toEqual(['acknowledged']);
    expect(await outcomes(() => Promise.reject(new Error('the socket went away')), true)).toEqual([
      'unanswered',
    ]);
    expect(await outcomes(acked, false)).toEqual(['left']);
  });

  it('is answered as before, failures included', async () => {
    const answers: unknown[] = [];
    const ack = (...answer: never[]): Promise<void> => {
      answers.push(...answer);
      return Promise.resolve();
    };
    await timed({ body: {}, ack }, () => undefined).event.ack('words' as never);
    expect(answers).toEqual(['words']);
    const failing = timed({ body: {}, ack: () => Promise.reject(new Error('gone')) }, () => undefined);
    await expect(failing.event.ack()).rejects.toThrow('gone');
  });
});
