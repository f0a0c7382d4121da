import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicy, readPolicy } from '../../src/policy/load.js';
import type { Known } from '../../src/policy/references.js';
import { defaultPolicy } from '../../src/policy/schema.js';
import { policyVersion } from '../../src/policy/version.js';
import { problemLine } from '../../src/settings/problem.js';
import { smallEstate } from '../commands/small-estate.js';
import { temporaryFolder } from '../temporary-folder.js';

const known: Known = {
  inventory: smallEstate().inventory,
  ids: ['rmc', 'certificates', 'rmc-restart', 'rsct-rebuild'],
};
const problems = (text: string, with_: Known = known): readonly string[] => {
  const loaded = readPolicy('policy.yaml', text, with_);
  return loaded.kind === 'problems' ? loaded.problems.map(problemLine) : [];
};
const policyOf = (text: string) => {
  const loaded = readPolicy('policy.yaml', text, known);
  if (loaded.kind !== 'policy') throw new Error(loaded.problems.map(problemLine).join('\n'));
  return loaded.policy;
};

describe('the policy', () => {
  it('lets everyone look and nobody change anything where there is no file, with two approvals for high risk', () => {
    const folder = temporaryFolder();
    expect(loadPolicy(folder, known)).toEqual({ kind: 'policy', policy: defaultPolicy });
    expect(defaultPolicy).toMatchObject({
      approvers: [],
      people: {},
      groups: {},
      rules: [],
      allow: { diagnose: ['everyone'], propose: [] },
      approvalsNeeded: { low: 1, medium: 1, high: 2 },
    });
  });

  it('is read from its folder', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'policy.yaml'), 'approvers: [U111]\napprovalsNeeded: { medium: 2 }\n');
    expect(loadPolicy(folder, known)).toMatchObject({
      policy: { approvers: ['U111'], approvalsNeeded: { low: 1, medium: 2, high: 2 } },
    });
  });

  it('takes groups and rules, with one word in place of a list', () => {
    const policy = policyOf(`
groups: { oncall: { usergroup: S0123456789 }, storage: { users: [U111, "cli:ann"] } }
people: { U111: { name: Ann, aliases: "cli:ann" } }
rules:
  - { who: group:oncall, may: all }
  - who: [group:storage, U333]
    may: [diagnose, propose]
    what: [rmc, rmc-restart, "risk:low"]
    targets: ["tag:env=prod", "cluster:erp", lpar1, hmc1, all]
    channels: C0123
allow: { diagnose: nobody, propose: everyone }
`);
    expect(policy.rules).toEqual([
      { who: ['group:oncall'], may: ['all'] },
      {
        who: ['group:storage', 'U333'],
        may: ['diagnose', 'propose'],
        what: ['rmc', 'rmc-restart', 'risk:low'],
        targets: ['tag:env=prod', 'cluster:erp', 'lpar1', 'hmc1', 'all'],
        channels: ['C0123'],
      },
    ]);
    expect(policy.people).toEqual({ U111: { name: 'Ann', aliases: ['cli:ann'] } });
    expect(policy.allow).toEqual({ diagnose: [], propose: ['everyone'] });
  });

  it('tells every problem at once: of shape, of words, and of names that nothing has', () => {
    const text = `rules:
  - { who: [group:oncal, oncall, "@alice"], may: [diagnos], tragets: [lpar1] }
  - { who: [group:oncal], may: [diagnose, propose], what: [rmc-restrat, "risk:lo"], targets: [lpar11, "tag:env=prd", "cluster:epr"] }
groups:
  oncall: { usergroup: oncall }
  storage: { users: [U111], usergroup: S0123456789 }
  empty: {}
people:
  U111: { name: A, aliases: [U112] }
  U222: { name: B, aliases: [U112] }
`;
    expect(problems(text)).toEqual(
      [
        'policy.yaml:2 rules[0].who[1]: This is everyone, a Slack user id such as U0123456789, cli:NAME or group:NAME. Did you mean group:oncall?',
        'policy.yaml:2 rules[0].who[2]: This is everyone, a Slack user id such as U0123456789, cli:NAME or group:NAME. Did you mean group:alice?',
        'policy.yaml:2 rules[0].may[0]: This is one of diagnose, see-changes, propose, roll-back, approve, close, freeze, enrol, tend, all. Did you mean diagnose?',
        'policy.yaml:2 rules[0].tragets: There is no such key here. Did you mean targets?',
        'policy.yaml:3 rules[1].who[0]: Unknown group "oncal". Did you mean group:oncall?',
        'policy.yaml:3 rules[1].what[0]: Unknown fix, diagnostic or risk "rmc-restrat". Did you mean rmc-restart?',
        'policy.yaml:3 rules[1].what[1]: Unknown fix, diagnostic or risk "risk:lo". Did you mean risk:low?',
        'policy.yaml:3 rules[1].targets[0]: Unknown target "lpar11". Did you mean lpar1?',
        'policy.yaml:3 rules[1].targets[1]: Unknown target "tag:env=prd". Did you mean tag:env=prod?',
        'policy.yaml:3 rules[1].targets[2]: Unknown cluster "epr". Did you mean erp?',
        'policy.yaml:5 groups.oncall.usergroup: This is the id of a Slack user group such as S0123456789, not its @handle: copy it from the address of the group in Slack.',
        'policy.yaml:6 groups.storage: A group is one of both: { usergroup: S0123456789 } or { users: [U0123456789] }.',
        'policy.yaml:7 groups.empty: A group is one of both: { usergroup: S0123456789 } or { users: [U0123456789] }.',
        "policy.yaml:10 people.U222.aliases[0]: U112 is U222's account already.",
      ].map((line) => line.replace("U222's", "U111's")),
    );
  });

  it('looks at no targets where the inventory could not be read, and at all else', () => {
    const text = 'rules: [{ who: group:x, may: all, targets: [lpar77] }]\n';
    expect(problems(text, { ...known, inventory: null })).toEqual([
      'policy.yaml:1 rules[0].who[0]: Unknown group "x". There are none under groups.',
    ]);
  });

  it('has a version that blanks, comments and the order of keys leave as it is', () => {
    const one = policyVersion(policyOf('approvers: [U111, U222]\nallow: { propose: everyone }\n'));
    expect(one).toMatch(/^[0-9a-f]{12}$/);
    expect(
      policyVersion(policyOf('# ours\nallow:\n  propose: [everyone]\n\napprovers:\n  - U111\n  - U222\n')),
    ).toBe(one);
    expect(policyVersion(policyOf('approvers: [U111]\nallow: { propose: everyone }\n'))).not.toBe(one);
    expect(policyVersion(defaultPolicy)).toBe(policyVersion(policyOf('')));
  });

  it('may only be raised', () => {
    expect(problems('approvalsNeeded:\n  low: 0\n  high: 1\n')).toEqual([
      'policy.yaml:2 approvalsNeeded.low: This may only be raised: at least 1.',
      'policy.yaml:3 approvalsNeeded.high: This may only be raised: at least 2.',
    ]);
  });

  it('knows people by Slack user id, never by name', () => {
    expect(problems('approvers: [U111, "@alice"]').join()).toContain('approvers');
    expect(problems('people: { alice: { name: Alice } }').join()).toContain('Slack user id');
    expect(problems('approver: [U111]').join()).toContain('Did you mean approvers?');
    expect(problems('approvers: []').join()).toContain('approvers');
  });

  it('gives an account to one person only', () => {
    const text =
      'people:\n  U111: { name: A, aliases: [U112] }\n  U222: { name: B, aliases: [U112, U111] }\n';
    expect(problems(text)).toEqual([
      "policy.yaml:3 people.U222.aliases[0]: U112 is U111's account already.",
      "policy.yaml:3 people.U222.aliases[1]: U111 is U111's account already.",
    ]);
  });
});
