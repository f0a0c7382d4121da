/**
 * Policies as a table: for each, who does what, with what, on which targets and where, and what is answered. Every row is one
 * cell; the policies are written as people write them. The time is in the whole table of one policy, beside this one.
 */
import { describe, expect, it } from 'vitest';
import type { Risk } from '../../src/core/plan.js';
import { authorise, type Action, type ActionObject } from '../../src/policy/authorise.js';
import { readPolicy } from '../../src/policy/load.js';
import type { Policy } from '../../src/policy/schema.js';
import { targetFacts } from '../../src/policy/target-facts.js';
import { smallEstate } from '../commands/small-estate.js';

const { inventory } = smallEstate();
const ids = [
  'rmc',
  'clcomd',
  'certificates',
  'rmc-enable-remote',
  'rmc-restart',
  'rsct-rebuild',
  'clcomd-start',
];
const risks: Readonly<Record<string, Risk>> = {
  'rmc-enable-remote': 'low',
  'rmc-restart': 'medium',
  'rsct-rebuild': 'high',
  'clcomd-start': 'low',
};

const policies = {
  none: '',
  short: `
approvers: [UBOB, UCAROL]
allow: { diagnose: [UALICE, UBOB, UCAROL], propose: [UALICE] }
people: { UALICE: { name: Alice, aliases: [UALICE2, "cli:alice"] }, UBOB: { aliases: [UBOB2] } }
`,
  rules: `
people: { UALICE: { aliases: [UALICE2, "cli:alice"] }, UBOB: { aliases: [UBOB2] } }
groups:
  oncall: { usergroup: S0ONCALL }
  storage: { users: [UERIN] }
allow: { diagnose: nobody }
rules:
  - { who: everyone, may: diagnose, targets: ["tag:env=test", pvs1] }
  - { who: group:oncall, may: [diagnose, propose, roll-back, tend] }
  - { who: [UBOB, UCAROL], may: [approve, close], what: ["risk:low", "risk:medium"] }
  - { who: UDAN, may: approve, what: "risk:high", targets: "cluster:erp" }
  - { who: group:storage, may: [propose, diagnose], what: [clcomd, clcomd-start], targets: "cluster:erp", channels: CSTORE }
  - { who: UFAY, may: [propose], targets: ["system:p9-a"] }
  - { who: UADMIN, may: all }
`,
} as const;

/** Who is in which group of Slack. */
const groupsOf: Readonly<Record<string, readonly string[]>> = { UALICE: ['S0ONCALL'], UGUS: ['S0ONCALL'] };

interface Cell {
  readonly policy: keyof typeof policies;
  readonly who: string;
  readonly act: Action;
  readonly what?: string;
  readonly on?: readonly string[];
  readonly at?: string | null;
  /** Slack does not say who is in which group. */
  readonly isSlackAway?: true;
  readonly change?: Pick<ActionObject, 'requester' | 'approvals'>;
  /** `yes`, or the rule and the sentence. */
  readonly answer: 'yes' | readonly [rule: string, sentence: string];
}

function policyOf(name: keyof typeof policies): Policy {
  const read = readPolicy('policy.yaml', policies[name], { inventory, ids });
  if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
  return read.policy;
}

function answerOf({ policy, who, act, what, on, at = 'COPS', isSlackAway, change }: Cell): Cell['answer'] {
  const groups = isSlackAway === true ? null : (groupsOf[who] ?? []);
  const risk = what === undefined ? undefined : risks[what];
  const decision = authorise(policyOf(policy), { user: who, channel: at, groups }, act, {
    ...(what === undefined ? {} : { name: what }),
    ...(risk === undefined ? {} : { risk }),
    ...(on === undefined ? {} : { targets: targetFacts(inventory, on) }),
    ...change,
  });
  return decision.allowed ? 'yes' : [decision.rule, decision.sentence];
}

const fix = (what: string, ...on: readonly string[]) => ({ act: 'propose', what, on }) as const;
const look = (what: string, ...on: readonly string[]) => ({ act: 'diagnose', what, on }) as const;
const approve = (what: string, on: string, requester = 'UREQ', approvals: readonly string[] = []) =>
  ({ act: 'approve', what, on: [on], change: { requester, approvals } }) as const;

const cells: readonly Cell[] = [
  // Without policy.yaml everyone may look, and nobody may change anything; each sentence says what to write.
  { policy: 'none', who: 'UALICE', ...look('rmc', 'all'), answer: 'yes' },
  { policy: 'none', who: 'cli:alice', at: null, ...look('rmc', 'all'), answer: 'yes' },
  { policy: 'none', who: 'UALICE', act: 'see-changes', on: ['lpar1'], answer: 'yes' },
  {
    ...{ policy: 'none', who: 'UALICE', ...fix('rmc-enable-remote', 'lpar1') },
    answer: [
      'nobody-may',
      'Nobody may propose changes yet: policy.yaml lets nobody. Write there, for example: allow: { propose: [UALICE] }',
    ],
  },
  {
    ...{ policy: 'none', who: 'UBOB', ...approve('rmc-enable-remote', 'lpar1') },
    answer: [
      'nobody-may',
      'Nobody may approve changes yet: policy.yaml lets nobody. Write there, for example: approvers: [UBOB]',
    ],
  },
  {
    ...{ policy: 'none', who: 'UBOB', act: 'freeze' },
    answer: [
      'nobody-may',
      'Nobody may freeze changes or end a freeze yet: policy.yaml lets nobody. Write there, for example: rules: [{ who: [UBOB], may: [freeze] }]',
    ],
  },
  {
    ...{ policy: 'none', who: 'UBOB', act: 'break-glass', on: ['lpar1'] },
    answer: [
      'nobody-may',
      'Nobody may break the glass yet: policy.yaml lets nobody. Write there, for example: breakGlass: { who: [UBOB] }',
    ],
  },
  // The short forms: on every target, in every channel.
  { policy: 'short', who: 'UALICE', ...fix('rsct-rebuild', 'lpar1'), answer: 'yes' },
  { policy: 'short', who: 'UALICE2', ...fix('rsct-rebuild', 'lpar1'), answer: 'yes' },
  { policy: 'short', who: 'UALICE', act: 'roll-back', what: 'rmc-restart', on: ['lpar1'], answer: 'yes' },
  { policy: 'short', who: 'UALICE', act: 'roll-out', what: 'rmc-restart', on: ['all'], answer: 'yes' },
  { policy: 'short', who: 'UALICE', act: 'tend', what: 'certificates', on: ['lpar1'], answer: 'yes' },
  {
    ...{ policy: 'short', who: 'UBOB', ...fix('rmc-restart', 'lpar1') },
    answer: ['propose', 'You may not propose changes here.'],
  },
  {
    ...{ policy: 'short', who: 'UMALLORY', ...look('rmc', 'lpar1') },
    answer: ['diagnose', 'You may not run diagnostics here.'],
  },
  { policy: 'short', who: 'cli:alice', at: null, ...look('rmc', 'lpar1'), answer: 'yes' },
  {
    ...{ policy: 'short', who: 'cli:mallory', at: null, ...look('rmc', 'lpar1') },
    answer: ['diagnose', 'You may not run diagnostics here.'],
  },
  { policy: 'short', who: 'UBOB', ...approve('rsct-rebuild', 'lpar1'), answer: 'yes' },
  {
    ...{ policy: 'short', who: 'UALICE', ...approve('rsct-rebuild', 'lpar1') },
    answer: ['approvers', 'You may not approve changes here.'],
  },
  {
    ...{ policy: 'short', who: 'UBOB', ...approve('rsct-rebuild', 'lpar1', 'UBOB2') },
    answer: ['requester-is-not-approver', 'You asked for this change, so someone else must approve it.'],
  },
  {
    ...{ policy: 'short', who: 'UBOB2', ...approve('rsct-rebuild', 'lpar1', 'UALICE', ['UBOB']) },
    answer: [
      'one-person-counts-once',
      'You have approved this change already. The other approval must come from someone else.',
    ],
  },
  { policy: 'short', who: 'UCAROL', ...approve('rsct-rebuild', 'lpar1', 'UALICE', ['UBOB']), answer: 'yes' },
  { policy: 'short', who: 'UALICE2', act: 'withdraw', change: { requester: 'UALICE' }, answer: 'yes' },
  { policy: 'short', who: 'UALICE', act: 'reject', change: { requester: 'UALICE' }, answer: 'yes' },
  {
    ...{
      policy: 'short',
      who: 'UMALLORY',
      act: 'reject',
      what: 'rmc-restart',
      change: { requester: 'UALICE' },
    },
    answer: ['approvers', 'You may not reject changes here.'],
  },
  // Rules: by target.
  { policy: 'rules', who: 'UDAVE', ...look('rmc', 'tag:env=test'), answer: 'yes' },
  { policy: 'rules', who: 'UDAVE', ...look('rmc', 'lpar2', 'pvs1'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UDAVE', ...look('rmc', 'lpar2', 'lpar1', 'erp-db1') },
    answer: ['targets', 'You may run diagnostics, but not rmc on lpar1.'],
  },
  {
    ...{ policy: 'rules', who: 'UDAVE', ...look('rmc', 'lpar2', 'cluster:erp') },
    answer: ['targets', 'You may run diagnostics, but not rmc on erp-db1 (cluster erp).'],
  },
  {
    ...{ policy: 'rules', who: 'UDAVE', ...look('rmc') },
    answer: ['targets', 'You may run diagnostics, but not on everything: name targets.'],
  },
  {
    ...{ policy: 'rules', who: 'UDAVE', ...look('rmc', 'lpar-that-was') },
    answer: [
      'targets',
      'You may run diagnostics, but not rmc on lpar-that-was, which the inventory does not have any more.',
    ],
  },
  { policy: 'rules', who: 'UFAY', ...fix('rsct-rebuild', 'lpar1', 'lpar2'), answer: 'yes' },
  { policy: 'rules', who: 'UFAY', ...fix('rsct-rebuild', 'p9-a'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UFAY', act: 'roll-out', what: 'rmc-restart', on: ['lpar1', 'pvs1'] },
    answer: ['targets', 'You may propose changes, but not rmc-restart on pvs1.'],
  },
  // By group of Slack, which fails closed.
  { policy: 'rules', who: 'UALICE', ...fix('rsct-rebuild', 'erp'), answer: 'yes' },
  { policy: 'rules', who: 'UGUS', ...look('clcomd', 'erp'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UALICE', isSlackAway: true, ...fix('rmc-restart', 'lpar1') },
    answer: [
      'groups-unknown',
      'Slack did not say who is in @oncall, and without that you may not propose changes. Try again in a minute.',
    ],
  },
  { policy: 'rules', who: 'UFAY', isSlackAway: true, ...fix('rmc-restart', 'lpar1'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'cli:alice', at: null, isSlackAway: true, ...look('rmc', 'lpar1') },
    answer: [
      'groups-unknown',
      'You may not run diagnostics: who is in @oncall only Slack knows, and it is not asked at a terminal. Name cli:alice in policy.yaml.',
    ],
  },
  {
    ...{ policy: 'rules', who: 'UHAL', ...fix('rmc-restart', 'lpar1') },
    answer: ['propose', 'You may not propose changes here.'],
  },
  // By what is run, and its risk.
  { policy: 'rules', who: 'UBOB', ...approve('rmc-restart', 'lpar1', 'UALICE'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UBOB', ...approve('rsct-rebuild', 'lpar1', 'UALICE') },
    answer: ['what', 'You may approve changes, but not rsct-rebuild (high risk).'],
  },
  { policy: 'rules', who: 'UDAN', ...approve('rsct-rebuild', 'erp', 'UALICE'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UDAN', ...approve('rsct-rebuild', 'lpar1', 'UALICE') },
    answer: ['targets', 'You may approve changes, but not rsct-rebuild on lpar1.'],
  },
  {
    ...{ policy: 'rules', who: 'UDAN', ...approve('rmc-restart', 'erp', 'UALICE') },
    answer: ['what', 'You may approve changes, but not rmc-restart (medium risk).'],
  },
  // By channel.
  { policy: 'rules', who: 'UERIN', at: 'CSTORE', ...fix('clcomd-start', 'erp'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UERIN', ...fix('clcomd-start', 'erp') },
    answer: ['channel', 'You may propose changes, but not in this channel: policy.yaml names others.'],
  },
  {
    ...{ policy: 'rules', who: 'UERIN', at: null, ...fix('clcomd-start', 'erp') },
    answer: ['channel', 'You may propose changes, but only in a channel of Slack that policy.yaml names.'],
  },
  {
    ...{ policy: 'rules', who: 'UERIN', at: 'CSTORE', ...fix('rmc-restart', 'erp') },
    answer: ['what', 'You may propose changes, but not rmc-restart (medium risk).'],
  },
  // Admins may all that a rule can allow; not approve their own, and not break the glass.
  { policy: 'rules', who: 'UADMIN', ...approve('rsct-rebuild', 'lpar1', 'UALICE'), answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UADMIN', ...approve('rsct-rebuild', 'lpar1', 'UADMIN') },
    answer: ['requester-is-not-approver', 'You asked for this change, so someone else must approve it.'],
  },
  { policy: 'rules', who: 'UADMIN', act: 'enrol', on: ['hmc1'], answer: 'yes' },
  { policy: 'rules', who: 'UADMIN', act: 'freeze', answer: 'yes' },
  {
    ...{ policy: 'rules', who: 'UADMIN', act: 'break-glass', on: ['lpar1'] },
    answer: [
      'nobody-may',
      'Nobody may break the glass yet: policy.yaml lets nobody. Write there, for example: breakGlass: { who: [UADMIN] }',
    ],
  },
  {
    ...{ policy: 'rules', who: 'UBOB', act: 'enrol', on: ['hmc1'] },
    answer: ['enrol', 'You may not pin host keys here.'],
  },
  // Who asked may end it; a roll-out is stopped by any who may ask or approve there.
  {
    policy: 'rules',
    who: 'UHAL',
    act: 'stop',
    what: 'rmc-restart',
    change: { requester: 'UHAL' },
    answer: 'yes',
  },
  {
    ...{ policy: 'rules', who: 'UBOB', act: 'stop', what: 'rmc-restart', on: ['lpar1'] },
    change: { requester: 'UALICE' },
    answer: 'yes',
  },
  {
    ...{ policy: 'rules', who: 'UHAL', act: 'stop', what: 'rmc-restart', on: ['lpar1'] },
    change: { requester: 'UALICE' },
    answer: ['stop', 'You may not stop a roll-out here.'],
  },
];

const rows = cells.map((cell) => {
  const { policy, who, act, what = '', on = [], at = 'COPS', answer, isSlackAway } = cell;
  const where = `${at ?? 'no channel'}${isSlackAway === true ? ', Slack silent' : ''}`;
  const said = answer === 'yes' ? 'yes' : answer[0];
  return [`${policy}: ${who} ${act} ${what} on ${on.join(' ')} in ${where}: ${said}`, cell] as const;
});

describe('the policy', () => {
  it.each(rows)('%s', (_row, cell) => {
    expect(answerOf(cell)).toEqual(cell.answer);
  });

  it('says each of its refusals in this table', () => {
    const codes = new Set(cells.flatMap(({ answer }) => (answer === 'yes' ? [] : [answer[0]])));
    expect([...codes].sort()).toEqual(
      [
        ...['approvers', 'channel', 'diagnose', 'enrol', 'groups-unknown', 'nobody-may'],
        ...['one-person-counts-once', 'propose', 'requester-is-not-approver', 'stop', 'targets', 'what'],
      ].sort(),
    );
  });
});
