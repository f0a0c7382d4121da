import { describe, expect, it } from 'vitest';
import { changeCard } from '../../../src/slack/views/change-card.js';
import { rejectedNotice, reminder } from '../../../src/slack/views/decision-notices.js';
import { checkMessage } from '../block-limits.js';
import { change } from './examples.js';

const hostile = '<!channel> *bold* <https://evil.example|click> password=hunter22 \u202e';
const context = { approversHint: 'anyone', mayRollBack: true };

describe('what stands on a card besides the plan', () => {
  it('is the reason and the ticket, in every state, without what they try', () => {
    const grounds = { reason: `DLPAR hangs ${hostile}`, ticket: `CHG1\`${hostile}` };
    for (const state of ['proposed', 'approved', 'running', 'waiting', 'verified', 'rejected'] as const) {
      const card = changeCard(change(state, { grounds }), context);
      checkMessage(card);
      const all = JSON.stringify(card);
      expect(all).toContain('*Why:* DLPAR hangs');
      for (const bad of ['<!channel>', '<https://evil', 'hunter22', '\u202e']) expect(all).not.toContain(bad);
    }
  });

  it('is nothing where nothing was said', () => {
    expect(JSON.stringify(changeCard(change('proposed'), context))).not.toContain('*Why:*');
  });

  it('is until when it waits, in the zone of the reader, with UTC beside it', () => {
    const all = JSON.stringify(changeCard(change('proposed'), context));
    expect(all).toContain('Expires <!date^1772597160^{date_short_pretty} {time}|2026-03-04 04:06 UTC>');
  });

  it('says what differs however long that is, and still fits into one message', () => {
    const follows = {
      change: 'c-0',
      difference: `it is: ${hostile.repeat(200)}`,
      approvalsKept: 0,
      approvalsLost: 2,
    };
    const card = changeCard(change('proposed', { follows }), context);
    checkMessage(card);
    expect(card.text).toContain('2 approvals given to that one do not count here');
    expect(JSON.stringify(card)).not.toMatch(/<!channel>|hunter22/);
  });
});

describe('notices about a decision', () => {
  it('carry the words of people and plans without what they try', () => {
    const told = rejectedNotice({ title: 'Restart RMC', requester: 'UALICE', user: 'UBOB', reason: hostile });
    const reminded = reminder({
      ...{ title: hostile, people: ['UBOB', '<!here>'], missing: 1 },
      expiresAt: '2026-03-04T04:06:00.000Z',
    });
    for (const notice of [told, reminded]) {
      checkMessage(notice);
      expect(JSON.stringify(notice)).not.toMatch(/<!channel>|<!here>|<https|\u202e/);
    }
    expect(JSON.stringify(told)).not.toContain('hunter22');
    expect(told.text).toContain('<@UALICE>: <@UBOB> rejected');
  });
});
