import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/approval/states.js';
import { mayStart } from '../../../src/policy/time-decision.js';
import { changeCard } from '../../../src/slack/views/change-card.js';
import { reviewMessage, type GlassReview } from '../../../src/slack/views/glass-review.js';
import { frozenMessage, glassMessage, liftedMessage } from '../../../src/slack/views/time-messages.js';
import { exampleChange } from '../../approval/example-change.js';
import { checkMessage } from '../block-limits.js';

const nasty = `<!channel> @here <https://evil.example|x> *b* \`c\` \u202e${'y'.repeat(4_000)}`;
const at = '2026-11-21T07:30:00.000Z';
const freeze = { by: 'UCAROL', at, reason: 'quarter end' };
const context = { approversHint: 'anyone', mayRollBack: true };

function many(count: number, patch: Partial<Change> = {}): readonly Change[] {
  return Array.from({ length: count }, (_, n) => exampleChange({ id: `c-${n}`, state: 'running', ...patch }));
}

const review: GlassReview = {
  ...{ glass: 'g1', by: 'UCAROL', target: 'lpar6', at, until: '2026-11-21T07:45:00.000Z' },
  ...{ reason: 'production is down', changes: many(2, { state: 'verified' }), reviewed: null },
};

const nastyPlan = { ...exampleChange().plan, title: nasty, target: nasty };
const nastyChanges = many(40, { plan: nastyPlan, id: 'c-nasty' });

describe('messages of freezes and broken glass', () => {
  it.each([
    [
      'a freeze',
      frozenMessage({ ...freeze, reason: nasty }, { running: nastyChanges, approved: nastyChanges }),
    ],
    ['its end', liftedMessage({ by: 'UBOB', at, reason: nasty }, { ...freeze, reason: nasty }, nastyChanges)],
    [
      'a broken glass',
      glassMessage(
        {
          by: 'UCAROL',
          target: nasty,
          covers: many(50).map(() => nasty),
          until: at,
          reason: nasty,
          reviewAt: at,
        },
        nastyChanges,
      ),
    ],
    ['its review', reviewMessage({ ...review, target: nasty, reason: nasty, changes: nastyChanges })],
    [
      'the card of a change that is frozen',
      changeCard(
        exampleChange({
          state: 'approved',
          held: {
            kind: 'closed',
            rule: 'freeze',
            sentence: nasty,
            opensAt: null,
            freeze: { ...freeze, reason: nasty },
          },
        }),
        context,
      ),
    ],
    [
      'the card of a change outside its window',
      changeCard(
        exampleChange({
          state: 'approved',
          held: { kind: 'closed', rule: 'window', sentence: nasty, opensAt: at },
        }),
        context,
      ),
    ],
    [
      'the card of a change that was let through',
      changeCard(
        exampleChange({ state: 'running', letThrough: { glass: 'g1', by: 'UCAROL', reason: nasty } }),
        context,
      ),
    ],
  ])('fit into Slack and call nobody, however nasty what people wrote: %s', (_what, message) => {
    checkMessage(message);
    const all = JSON.stringify(message);
    expect(all).not.toMatch(/<!(?:channel|here|everyone)|\u202e|https:\/\/evil/);
    expect(all).not.toMatch(/<https?:/);
  });

  it('name at most ten changes, and say how many more there are', () => {
    const { text } = frozenMessage(freeze, { running: many(12), approved: [] });
    expect(text.match(/^• .*running$/gm)).toHaveLength(10);
    expect(text).toContain('• … and 2 more changes');
    expect(text).not.toContain('Approved, and waiting');
  });

  it('say of a review where nothing ran that nothing did', () => {
    expect(reviewMessage({ ...review, changes: [] }).text).toContain('No change began under it.');
    const { text, blocks } = reviewMessage({ ...review, reviewed: { by: 'UBOB', at } });
    expect(text).toContain('✔ Reviewed by <@UBOB>');
    expect(JSON.stringify(blocks)).not.toContain('"button"');
  });

  it('show what holds a change only while it is approved', () => {
    const held = mayStart({ windows: [] }, freeze, [], { target: 'lpar6', all: [] }, Date.parse(at));
    if (held.kind === 'open') throw new Error('not frozen');
    const card = (state: Change['state']) => changeCard(exampleChange({ state, held }), context).text;
    expect(card('approved')).toContain('*Waiting:* all changes are frozen by <@UCAROL>');
    expect(card('approved')).not.toContain('Starting on');
    expect(card('running')).not.toContain('frozen');
    expect(card('expired')).not.toContain('*Waiting:*');
  });
});
