import { describe, expect, it } from 'vitest';
import { authorise } from '../../src/policy/authorise.js';
import { openPolicy } from './open-policy.js';

const change = { requester: 'UALICE', risk: 'low', card: 'C0OPS' } as const;

function approve(channel: string | null, object: Parameters<typeof authorise>[3] = change) {
  return authorise(openPolicy, { user: 'UBOB', channel, groups: [] }, 'approve', object);
}

describe('where a button is pressed', () => {
  it('counts in the channel of its card, and in no other', () => {
    expect(approve('C0OPS')).toEqual({ allowed: true });
    expect(approve('C0DEV')).toMatchObject({ allowed: false, rule: 'other-channel' });
    expect(approve('')).toMatchObject({ allowed: false, rule: 'other-channel' });
  });

  it('counts in the own channel of a person, where a card is posted that Slack took nowhere else', () => {
    expect(approve('D0ALICE')).toEqual({ allowed: true });
  });

  it('is not asked where nobody pressed a button', () => {
    expect(approve(null)).toEqual({ allowed: true });
    expect(approve('C0DEV', { requester: 'UALICE', risk: 'low' })).toEqual({ allowed: true });
  });
});
