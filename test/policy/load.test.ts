import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicy, readPolicy } from '../../src/policy/load.js';
import { defaultPolicy } from '../../src/policy/schema.js';
import { problemLine } from '../../src/settings/problem.js';
import { temporaryFolder } from '../temporary-folder.js';

const problems = (text: string): readonly string[] => {
  const loaded = readPolicy('policy.yaml', text);
  return loaded.kind === 'problems' ? loaded.problems.map(problemLine) : [];
};

describe('the policy', () => {
  it('lets everyone ask and approve where there is no file, with two approvals for high risk', () => {
    const folder = temporaryFolder();
    expect(loadPolicy(folder)).toEqual({ kind: 'policy', policy: defaultPolicy });
    expect(defaultPolicy).toEqual({
      approvers: 'everyone',
      people: {},
      allow: { diagnose: 'everyone', propose: 'everyone' },
      approvalsNeeded: { low: 1, medium: 1, high: 2 },
    });
  });

  it('is read from its folder', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'policy.yaml'), 'approvers: [U111]\napprovalsNeeded: { medium: 2 }\n');
    expect(loadPolicy(folder)).toMatchObject({
      policy: { approvers: ['U111'], approvalsNeeded: { low: 1, medium: 2, high: 2 } },
    });
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
