import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { refuseUnlessAllowed, terminalUser } from '../../src/cli/permission.js';
import { RefusedError } from '../../src/core/errors.js';
import { policySchema } from '../../src/policy/schema.js';
import { smallEstate } from '../commands/small-estate.js';

const { inventory } = smallEstate();
const me = terminalUser();

function asked(raw: object, action: 'diagnose' | 'enrol', targets = ['lpar1', 'erp']): string {
  try {
    const policy = policySchema.parse(raw);
    refuseUnlessAllowed({ policy, inventory }, { action, name: 'rmc', targets });
    return 'allowed';
  } catch (error) {
    if (error instanceof RefusedError) return `${error.rule}: ${error.message}`;
    throw error;
  }
}

describe('whoever is at a terminal', () => {
  it('is known as the operating system names them', () => {
    expect(me).toBe(`cli:${userInfo().username}`);
  });

  it('may diagnose where the policy does not say otherwise, and then only by name', () => {
    expect(asked({}, 'diagnose')).toBe('allowed');
    expect(asked({ allow: { diagnose: ['U111'] } }, 'diagnose')).toBe(
      `diagnose: You may not run diagnostics here. You are ${me}. Nothing was done.`,
    );
    expect(asked({ allow: { diagnose: [me] } }, 'diagnose')).toBe('allowed');
    expect(asked({ allow: { diagnose: ['U111'] }, people: { U111: { aliases: [me] } } }, 'diagnose')).toBe(
      'allowed',
    );
  });

  it('may do so on every target or not at all', () => {
    const rules = [{ who: me, may: 'diagnose', targets: ['lpar1', 'lpar2'] }];
    expect(asked({ allow: { diagnose: 'nobody' }, rules }, 'diagnose', ['lpar1', 'lpar2'])).toBe('allowed');
    expect(asked({ allow: { diagnose: 'nobody' }, rules }, 'diagnose')).toBe(
      `targets: You may run diagnostics, but not rmc on erp-db1 (cluster erp). You are ${me}. Nothing was done.`,
    );
  });

  it('is in no group of Slack, which nobody asks at a terminal', () => {
    const groups = { oncall: { usergroup: 'S111' } };
    expect(asked({ allow: { diagnose: ['group:oncall'] }, groups }, 'diagnose')).toBe(
      `groups-unknown: You may not run diagnostics: who is in @oncall only Slack knows, and it is not asked at a terminal. Name ${me} in policy.yaml. You are ${me}. Nothing was done.`,
    );
  });

  it('may pin host keys until a rule names who may at a terminal', () => {
    expect(asked({}, 'enrol')).toBe('allowed');
    expect(asked({ rules: [{ who: ['U111'], may: ['enrol'] }] }, 'enrol')).toBe('allowed');
    expect(asked({ rules: [{ who: ['cli:somebody-else'], may: ['enrol'] }] }, 'enrol')).toContain(
      'enrol: You',
    );
    expect(asked({ rules: [{ who: [me], may: ['enrol'] }] }, 'enrol')).toBe('allowed');
  });
});
