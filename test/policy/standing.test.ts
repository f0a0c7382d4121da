import { describe, expect, it } from 'vitest';
import { createPermission } from '../../src/desk/permission.js';
import type { AuditEvent, AuditRecord } from '../../src/audit/audit.js';
import type { Action } from '../../src/policy/authorise.js';
import { notOneOfOurs, type Standing } from '../../src/policy/standing.js';
import { openPolicy } from './open-policy.js';

const reading: readonly Action[] = ['diagnose', 'look-again', 'stop-reading', 'see-changes'];
const ending: readonly Action[] = ['reject', 'stop', 'withdraw'];
const changing: readonly Action[] = [
  ...(['propose', 'roll-out', 'roll-back', 'approve', 'close'] as const),
  ...(['freeze', 'break-glass', 'enrol', 'tend'] as const),
];

describe('who is not one of ours', () => {
  it.each<[Standing, string]>([
    ['guest', 'guest'],
    ['outside', 'other-workspace'],
    ['gone', 'deactivated'],
    ['app', 'not-a-person'],
  ])('may do nothing at all: %s', (standing, rule) => {
    for (const action of [...reading, ...ending, ...changing])
      expect(notOneOfOurs(standing, action)).toMatchObject({ allowed: false, rule });
  });

  it('may go on reading and ending while Slack says nothing, and changes nothing', () => {
    for (const action of [...reading, ...ending]) expect(notOneOfOurs('unknown', action)).toBeNull();
    for (const action of changing)
      expect(notOneOfOurs('unknown', action)).toMatchObject({ rule: 'standing-unknown' });
    for (const action of [...reading, ...ending, ...changing])
      expect(notOneOfOurs('member', action)).toBeNull();
  });

  it('is refused before the policy is, with a sentence, and written down', async () => {
    const written: AuditEvent[] = [];
    const append = (event: AuditEvent): Promise<AuditRecord> => {
      written.push(event);
      return Promise.resolve({} as AuditRecord);
    };
    const mayI = createPermission({
      policy: openPolicy,
      audit: { append } as unknown as Parameters<typeof createPermission>[0]['audit'],
      groupsOf: () => Promise.resolve([]),
      standingOf: (user) => Promise.resolve(user === 'UGINA' ? 'guest' : 'member'),
    });
    const here = (user: string) => ({ user, channel: 'C1' });
    expect(await mayI(here('UBOB'), 'diagnose', 'x')).toEqual({ allowed: true });
    expect(await mayI(here('UGINA'), 'diagnose', 'x')).toMatchObject({
      allowed: false,
      sentence: 'You are a guest in this workspace, and aixops takes nothing from guests.',
    });
    expect(written.map(({ actor, detail }) => [actor, detail['rule']])).toEqual([['UGINA', 'guest']]);
  });
});
