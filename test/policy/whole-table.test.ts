/** One policy whole: every person × channel × risk × target × time, each cell with its answer and its sentence. */
import { describe, expect, it } from 'vitest';
import { authorise } from '../../src/policy/authorise.js';
import { readPolicy } from '../../src/policy/load.js';
import { targetFacts } from '../../src/policy/target-facts.js';
import { mayStart } from '../../src/policy/time-decision.js';
import { smallEstate } from '../commands/small-estate.js';

const { inventory } = smallEstate();
const fixes = { low: 'rmc-enable-remote', medium: 'rmc-restart', high: 'rsct-rebuild' } as const;
const read = readPolicy(
  'policy.yaml',
  `
groups: { oncall: { usergroup: S0ONCALL } }
rules:
  - { who: UANN, may: propose }
  - { who: UBEN, may: propose, what: ["risk:low", rmc-restart], targets: "tag:env=test", channels: COPS }
  - { who: group:oncall, may: propose, what: "risk:low" }
windows:
  - { targets: "tag:env=prod", zone: UTC, days: [sat, sun], from: "22:00", to: "04:00" }
`,
  { inventory, ids: Object.values(fixes) },
);

const saturday = Date.parse('2026-11-21T23:00:00Z');
const wednesday = Date.parse('2026-11-18T12:00:00Z');
const targets = ['lpar1', 'lpar2', 'erp'] as const;

/**
 * `+` begins now, `-` begins when the window opens, `p` may not propose at all, `w` not this fix, `t` not on this target,
 * `c` not in this channel. Targets from left to right: lpar1 (prod), lpar2 (test), cluster erp (prod).
 */
const table = `
person  channel  risk    Saturday 23:00   Wednesday 12:00
UANN    COPS     low     + + +            - + -
UANN    COPS     medium  + + +            - + -
UANN    COPS     high    + + +            - + -
UANN    CDEV     low     + + +            - + -
UANN    CDEV     medium  + + +            - + -
UANN    CDEV     high    + + +            - + -
UBEN    COPS     low     t + t            t + t
UBEN    COPS     medium  t + t            t + t
UBEN    COPS     high    w w w            w w w
UBEN    CDEV     low     t c t            t c t
UBEN    CDEV     medium  t c t            t c t
UBEN    CDEV     high    w w w            w w w
UCLEO   COPS     low     + + +            - + -
UCLEO   COPS     medium  w w w            w w w
UCLEO   COPS     high    w w w            w w w
UCLEO   CDEV     low     + + +            - + -
UCLEO   CDEV     medium  w w w            w w w
UCLEO   CDEV     high    w w w            w w w
UDOT    COPS     low     p p p            p p p
UDOT    COPS     medium  p p p            p p p
UDOT    COPS     high    p p p            p p p
UDOT    CDEV     low     p p p            p p p
UDOT    CDEV     medium  p p p            p p p
UDOT    CDEV     high    p p p            p p p
`;

type Risk = keyof typeof fixes;
type Cell = readonly [
  person: string,
  channel: string,
  risk: Risk,
  target: string,
  at: number,
  answer: string,
];

const cells = table
  .trim()
  .split('\n')
  .slice(1)
  .flatMap((line): readonly Cell[] => {
    const [person = '', channel = '', risk = '', ...answers] = line.split(/ +/);
    return [saturday, wednesday].flatMap((at, half) =>
      targets.map(
        (target, i): Cell => [person, channel, risk as Risk, target, at, answers[half * 3 + i] ?? ''],
      ),
    );
  });

const shown = { lpar1: 'lpar1', lpar2: 'lpar2', erp: 'erp-db1 (cluster erp)' };

function expected([, , risk, target, , answer]: Cell): string {
  const sentences: Readonly<Record<string, string>> = {
    '+': 'begins',
    '-': 'window: The window of tag env=prod (sat, sun 22:00–04:00 UTC) opens at Sat 2026-11-21 22:00 UTC.',
    p: 'propose: You may not propose changes here.',
    w: `what: You may propose changes, but not ${fixes[risk]} (${risk} risk).`,
    t: `targets: You may propose changes, but not ${fixes[risk]} on ${shown[target as keyof typeof shown]}.`,
    c: 'channel: You may propose changes, but not in this channel: policy.yaml names others.',
  };
  return sentences[answer] ?? `the table says "${answer}"`;
}

function found([user, channel, risk, target, at]: Cell): string {
  if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
  const all = targetFacts(inventory, [target]);
  const groups = user === 'UCLEO' ? ['S0ONCALL'] : [];
  const object = { name: fixes[risk], risk, targets: all };
  const decision = authorise(read.policy, { user, channel, groups }, 'propose', object);
  if (!decision.allowed) return `${decision.rule}: ${decision.sentence}`;
  const start = mayStart(read.policy, null, [], { target, all }, at);
  return start.kind === 'open' ? 'begins' : `${start.rule}: ${start.sentence}`;
}

describe('who may have what begin, where and when', () => {
  it('has a cell for each of everything', () => {
    expect(cells).toHaveLength(4 * 2 * 3 * 3 * 2);
    expect(new Set(cells.map(([...cell]) => cell.slice(0, 5).join())).size).toBe(cells.length);
  });

  it.each(cells)('%s in %s, %s risk on %s at %i: %s', (...cell) => {
    expect(found(cell)).toBe(expected(cell));
  });
});
