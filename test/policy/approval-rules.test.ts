import { describe, expect, it } from 'vitest';
import { approvalRule, asksForCodes } from '../../src/policy/approval-rules.js';
import { readPolicy } from '../../src/policy/load.js';
import { policySchema } from '../../src/policy/schema.js';
import { isTicket, ticketPatternProblem } from '../../src/policy/ticket-pattern.js';
import { growth } from '../cost.js';

const read = (yaml: string): string[] => {
  const loaded = readPolicy('policy.yaml', yaml, { inventory: null, ids: [] });
  return loaded.kind === 'policy' ? [] : loaded.problems.map(({ key, problem }) => `${key}: ${problem}`);
};

describe('what the policy asks of approvals', () => {
  it('is one approver for low and medium, two for high, and nothing else, where nothing is written', () => {
    const policy = policySchema.parse({});
    const plain = { reason: false, ticket: null, stepUp: false };
    expect(approvalRule(policy, 'low')).toEqual({ needed: 1, ...plain });
    expect(approvalRule(policy, 'medium')).toEqual({ needed: 1, ...plain });
    expect(approvalRule(policy, 'high')).toEqual({ needed: 2, ...plain });
    expect(policy.approvals.remindMinutes).toEqual([10, 20, 40]);
    expect(asksForCodes(policy)).toBe(false);
  });

  it('is the higher of its two forms', () => {
    const policy = policySchema.parse({
      approvalsNeeded: { low: 3, medium: 2 },
      approvals: { low: { needed: 2 }, medium: { needed: 4, stepUp: true } },
    });
    expect(approvalRule(policy, 'low').needed).toBe(3);
    expect(approvalRule(policy, 'medium')).toMatchObject({ needed: 4, stepUp: true });
    expect(asksForCodes(policy)).toBe(true);
  });

  it.each([
    ['approvals: { high: { needed: 1 } }', 'approvals.high.needed: This may only be raised: at least 2'],
    ['approvals: { low: { needed: 0 } }', 'approvals.low.needed: This may only be raised: at least 1'],
    ['approvals: { low: { reason: sometimes } }', 'approvals.low.reason: This is true or false'],
    ['approvals: { remindMinutes: [20, 10] }', 'approvals.remindMinutes: Each is later than the one before'],
    ['approvals: { remindMinutes: [0] }', 'approvals.remindMinutes[0]: This is at least 1 minute'],
    ['approvals: { low: { ticket: "(a+)+" } }', 'approvals.low.ticket: This pattern repeats a group'],
    ['approvals: { low: { ticket: "CHG[0-9" } }', 'approvals.low.ticket: This is no regular expression'],
    ['approvals: { low: { stepup: true } }', 'approvals.low.stepup'],
  ])('refuses %s', (yaml, problem) => {
    const problems = read(yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

describe('a ticket pattern', () => {
  it.each([
    ['CHG[0-9]{7}', 'CHG0001234', 'xCHG0001234'],
    ['(?:CHG|INC)[0-9]{7}', 'INC0001234', 'INC0001234x'],
    ['CHG\\d+|[A-Z]{2,8}-\\d+', 'OPS-4711', 'OPS-'],
    ['[A-Z]{2,8}-[0-9]+', 'UNIX-12', 'unix-12'],
    ['CHG[0-9]{7}', 'CHG0001234', 'CHG0001234\nCHG'],
  ])('%s fits %s as a whole, and not %j', (pattern, good, bad) => {
    expect(ticketPatternProblem(pattern)).toBeNull();
    expect([isTicket(pattern, good), isTicket(pattern, bad)]).toEqual([true, false]);
  });

  it.each([
    '(a+)+',
    '(a|aa)+',
    '(?:a*)*',
    '(a)\\1',
    '(?=a)a',
    '(?<=a)b',
    '(?<n>a)\\k<n>',
    'a*a*a*a*',
    'a?a?a?a?',
    '(a|b|c|d|e|f|g|h|i|j|k)',
    '',
    'x'.repeat(101),
    '[',
    '(',
    'a{2',
    '(a){2}',
    '(?:[0-9]{2}){3,}',
  ])('%s is not taken', (pattern) => {
    expect(ticketPatternProblem(pattern)).not.toBeNull();
  });

  it('takes no longer tickets, whatever it says', () => {
    expect(isTicket('A+', 'A'.repeat(64))).toBe(true);
    expect(isTicket('A+', 'A'.repeat(65))).toBe(false);
  });

  it('costs no more than it must for the worst that is taken', () => {
    const worst = '(?:a|a)(?:a|a)(?:a|a)(?:a|a)a*a*a*b';
    expect(ticketPatternProblem(worst)).toBeNull();
    expect(growth((scale) => isTicket(worst, 'a'.repeat(8 * scale)))).toBeLessThan(10);
  });
});
