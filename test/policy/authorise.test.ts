import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalsCounted, approvalsNeeded, authorise, type Action } from '../../src/policy/authorise.js';
import { defaultPolicy, policySchema } from '../../src/policy/schema.js';

const strict = policySchema.parse({
  approvers: ['U111', 'U222', 'U333'],
  people: { U111: { name: 'Ann', aliases: ['U112'] }, U900: { name: 'Bob', aliases: ['U901'] } },
  allow: { diagnose: ['U111', 'U900'], propose: ['U900'] },
});
const change = { requester: 'U900', risk: 'high', approvals: [] } as const;
const by = (user: string) => ({ user, channel: 'C1', groups: [] });
const ask = (user: string, action: Action, object: Parameters<typeof authorise>[3] = change) =>
  authorise(strict, by(user), action, object);

describe('approval', () => {
  it('is refused to the requester in plain words', () => {
    expect(authorise(defaultPolicy, by('U1'), 'approve', { requester: 'U1' })).toEqual({
      allowed: false,
      rule: 'requester-is-not-approver',
      sentence: 'You asked for this change, so someone else must approve it.',
    });
  });

  it.each([
    ['the requester with another account', 'U901', 'U900'],
    ['the requester who asked with the other account', 'U900', 'U901'],
    ['an approver who asked', 'U111', 'U112'],
  ])('is refused to %s', (_who, user, requester) => {
    expect(ask(user, 'approve', { ...change, requester })).toMatchObject({
      rule: 'requester-is-not-approver',
    });
  });

  it('counts one person once, whichever account was used', () => {
    expect(ask('U112', 'approve', { ...change, approvals: ['U111'] })).toMatchObject({
      rule: 'one-person-counts-once',
    });
    expect(ask('U222', 'approve', { ...change, approvals: ['U111'] })).toEqual({ allowed: true });
    expect(approvalsCounted(strict, { ...change, approvals: ['U111', 'U112', 'U901'] })).toBe(1);
    expect(approvalsNeeded(strict, 'high')).toBe(2);
  });

  it('is for approvers, by any of their accounts', () => {
    expect(ask('U112', 'approve')).toEqual({ allowed: true });
    expect(ask('U444', 'approve')).toMatchObject({ allowed: false, rule: 'approvers' });
  });

  it('is refused when it is not known who asked', () => {
    expect(authorise(defaultPolicy, by('U1'), 'approve')).toMatchObject({ rule: 'requester-unknown' });
  });

  it('never goes to the requester, whatever the policy says', () => {
    const user = fc.constantFrom('U111', 'U112', 'U113', 'U222', 'U223');
    const policies = fc.record({
      approvers: fc.oneof(fc.constant('everyone'), fc.uniqueArray(user, { minLength: 1 })),
      people: fc.constant({ U111: { aliases: ['U112', 'U113'] }, U222: { aliases: ['U223'] } }),
    });
    const human = (id: string) => id.slice(0, 3);
    fc.assert(
      fc.property(policies, user, user, fc.array(user), (raw, requester, approver, approvals) => {
        const decision = authorise(policySchema.parse(raw), by(approver), 'approve', {
          requester,
          approvals,
        });
        const own = human(requester) === human(approver);
        const again = approvals.some((id) => human(id) === human(approver));
        if (own || again) expect(decision.allowed).toBe(false);
      }),
    );
  });
});

describe('the other actions', () => {
  it('let the requester withdraw or reject, and nobody else withdraw', () => {
    expect(ask('U901', 'withdraw')).toEqual({ allowed: true });
    expect(ask('U901', 'reject')).toEqual({ allowed: true });
    expect(ask('U222', 'withdraw')).toMatchObject({ rule: 'withdraw-own' });
    expect(ask('U222', 'reject')).toEqual({ allowed: true });
    expect(ask('U444', 'reject')).toMatchObject({ rule: 'approvers' });
  });

  it.each([
    ['diagnose', 'U111', true],
    ['diagnose', 'U112', true],
    ['diagnose', 'U222', false],
    ['look-again', 'U900', true],
    ['look-again', 'U222', false],
    ['stop-reading', 'U900', true],
    ['stop-reading', 'U901', true],
    ['stop-reading', 'U222', false],
    ['propose', 'U900', true],
    ['propose', 'U111', false],
    ['roll-back', 'U901', true],
    ['roll-back', 'U222', false],
  ] as const)('%s by %s: %s', (action, user, allowed) => {
    expect(ask(user, action).allowed).toBe(allowed);
  });
});
