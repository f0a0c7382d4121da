import { describe, expect, it } from 'vitest';
import type { Freeze } from '../../src/core/may-start.js';
import type { TargetFacts } from '../../src/policy/authorise.js';
import { readPolicy } from '../../src/policy/load.js';
import { mayStart, type BrokenGlass, type Touched } from '../../src/policy/time-decision.js';
import type { WindowRule } from '../../src/policy/time-rules.js';

const node = (name: string, facts: Partial<TargetFacts> = {}): TargetFacts => ({
  ...{ name, kind: 'node', tags: {}, system: null, hmc: null, cluster: null },
  ...facts,
});
const lpar1 = node('lpar1', { tags: { env: 'prod', tier: 'web' }, system: 'p9-a', hmc: 'hmc1' });
const erp1 = node('erp1', { tags: { env: 'prod' }, cluster: 'erp' });
const erp2 = node('erp2', { tags: { env: 'test' }, cluster: 'erp' });
const only = (target: TargetFacts): Touched => ({ target: target.name, all: [target] });
const erp: Touched = { target: 'erp', all: [erp1, erp2] };

const rule = (targets: string, from: string, to: string): WindowRule => ({
  targets: targets.split(' '),
  ...{ zone: 'Europe/Berlin', days: ['sat', 'sun'], from, to },
});
const prod = rule('tag:env=prod', '22:00', '04:00');
const saturday = Date.parse('2026-11-21T22:00:00Z');
const noon = Date.parse('2026-11-21T11:00:00Z');
const freeze: Freeze = { by: 'UANN', at: '2026-11-21T07:30:00Z', reason: 'quarter end' };
const glass: BrokenGlass = {
  ...{ glass: 'g1', by: 'UBOB', reason: 'production is down' },
  ...{ until: '2026-11-21T11:15:00Z', covers: ['lpar1'] },
};
const open = { kind: 'open', glass: null };

describe('whether a change may begin', () => {
  it.each<[string, WindowRule[], Touched, number, string | null]>([
    ['is yes without a window', [], only(lpar1), noon, null],
    ['is yes for what no window names', [prod], only(erp2), noon, null],
    ['is yes inside', [prod], only(lpar1), saturday, null],
    ['is no outside', [prod], only(lpar1), noon, '2026-11-21T21:00:00.000Z'],
    ['is yes where one of several is open', [prod, rule('lpar1', '11:00', '13:00')], only(lpar1), noon, null],
    [
      'is yes with the one that opens first',
      [prod, rule('lpar1', '13:00', '14:00')],
      only(lpar1),
      noon,
      '2026-11-21T12:00:00.000Z',
    ],
    ['knows systems', [rule('system:p9-a', '22:00', '23:00')], only(lpar1), noon, '2026-11-21T21:00:00.000Z'],
    ['knows HMCs', [rule('hmc:hmc1', '22:00', '23:00')], only(lpar1), noon, '2026-11-21T21:00:00.000Z'],
    ['knows all', [rule('all', '22:00', '23:00')], only(erp2), noon, '2026-11-21T21:00:00.000Z'],
    [
      'knows clusters by their bare name',
      [rule('erp', '22:00', '23:00')],
      only(erp2),
      noon,
      '2026-11-21T21:00:00.000Z',
    ],
    ['is no for a cluster of which one node must wait', [prod], erp, noon, '2026-11-21T21:00:00.000Z'],
    [
      'waits until all are open together',
      [prod, rule('tag:env=test', '02:00', '03:00')],
      erp,
      noon,
      '2026-11-22T01:00:00.000Z',
    ],
    [
      'knows windows that never meet',
      [rule('erp1', '10:00', '11:00'), rule('erp2', '15:00', '16:00')],
      erp,
      noon,
      'never',
    ],
  ])('%s', (_name, windows, touched, at, opensAt) => {
    const may = mayStart({ windows }, null, [], touched, at);
    if (opensAt === null) expect(may).toEqual(open);
    else
      expect(may).toMatchObject({
        kind: 'closed',
        rule: 'window',
        opensAt: opensAt === 'never' ? null : opensAt,
      });
  });

  it('says which window, in which zone, and when it opens', () => {
    expect(mayStart({ windows: [prod] }, null, [], only(lpar1), noon)).toMatchObject({
      sentence:
        'The window of tag env=prod (sat, sun 22:00–04:00 Europe/Berlin) opens at Sat 2026-11-21 22:00 Europe/Berlin.',
    });
  });

  it('says so where two windows are never open together', () => {
    const windows = [rule('erp1', '10:00', '11:00'), rule('erp2', '15:00', '16:00')];
    expect(mayStart({ windows }, null, [], erp, noon)).toMatchObject({
      opensAt: null,
      sentence:
        'The windows of erp1 and erp2 (sat, sun 10:00–11:00 Europe/Berlin; sat, sun 15:00–16:00 Europe/Berlin) are not open together within four weeks.',
    });
  });

  it('is no for everything in a freeze, also inside a window', () => {
    expect(mayStart({ windows: [prod] }, freeze, [], only(lpar1), saturday)).toEqual({
      kind: 'closed',
      rule: 'freeze',
      sentence: 'All changes are frozen by <@UANN> since 2026-11-21 07:30 UTC: quarter end',
      opensAt: null,
      freeze,
    });
    expect(mayStart({ windows: [] }, freeze, [], only(erp2), noon)).toMatchObject({ rule: 'freeze' });
  });

  it('is yes under broken glass, and says whose', () => {
    const through = { kind: 'open', glass: { glass: 'g1', by: 'UBOB', reason: 'production is down' } };
    expect(mayStart({ windows: [prod] }, freeze, [glass], only(lpar1), noon)).toEqual(through);
    expect(mayStart({ windows: [prod] }, null, [glass], only(lpar1), noon)).toEqual(through);
  });

  it('needs no glass where nothing is closed', () => {
    expect(mayStart({ windows: [prod] }, null, [glass], only(lpar1), saturday)).toEqual(open);
  });

  it('is no under glass of another target, and at the moment its time is over', () => {
    const windows = [rule('all', '22:00', '23:00')];
    expect(mayStart({ windows }, freeze, [glass], only(erp1), noon)).toMatchObject({ kind: 'closed' });
    const over = Date.parse(glass.until);
    expect(mayStart({ windows }, null, [glass], only(lpar1), over - 1)).toMatchObject({ kind: 'open' });
    expect(mayStart({ windows }, null, [glass], only(lpar1), over)).toMatchObject({ kind: 'closed' });
  });
});

describe('windows in policy.yaml', () => {
  const problems = (text: string) => {
    const read = readPolicy('policy.yaml', text, { inventory: null, ids: [] });
    return read.kind === 'problems'
      ? read.problems.map(({ line, key, problem }) => `${line} ${key}: ${problem}`)
      : [];
  };

  it('are read in full and in short', () => {
    const read = readPolicy(
      'policy.yaml',
      [
        'windows:',
        '  - { targets: ["tag:env=prod"], zone: Europe/Berlin, days: [sat, sun], from: "22:00", to: "04:00" }',
        '  - { targets: lpar1, zone: UTC, from: "00:00", to: "24:00" }',
        'breakGlass: { who: [UANN] }',
      ].join('\n'),
      { inventory: null, ids: [] },
    );
    expect(read).toMatchObject({
      kind: 'policy',
      policy: {
        windows: [
          prod,
          { targets: ['lpar1'], days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], to: '24:00' },
        ],
        breakGlass: { who: ['UANN'], minutes: 15 },
      },
    });
  });

  it.each([
    ['{ targets: lpar1, zone: Berlin, from: "22:00", to: "04:00" }', /IANA time zone/],
    ['{ targets: lpar1, zone: "+02:00", from: "22:00", to: "04:00" }', /IANA time zone/],
    ['{ targets: lpar1, zone: UTC, from: "25:00", to: "04:00" }', /time of day/],
    ['{ targets: lpar1, zone: UTC, from: "24:00", to: "04:00" }', /opens at "00:00"/],
    ['{ targets: lpar1, zone: UTC, from: "04:00", to: "04:00" }', /ends later than it opens/],
    ['{ targets: lpar1, zone: UTC, days: [sunday], from: "04:00", to: "05:00" }', /one of mon/],
    ['{ targets: [], zone: UTC, from: "04:00", to: "05:00" }', /at least one/],
    ['{ targets: lpar1, from: "04:00", to: "05:00" }', /IANA time zone/],
    ['{ targets: lpar1, zone: UTC, from: "04:00", until: "05:00" }', /until|time of day/],
  ])('are refused where they make no sense: %s', (line, problem) => {
    const found = problems(`windows:\n  - ${line}\n`);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toMatch(problem);
    expect(found.every((one) => one.startsWith('2 windows'))).toBe(true);
  });

  it('are refused where whoever may break the glass, or how long, makes no sense', () => {
    expect(problems('breakGlass: { minutes: 15 }\n').join()).toMatch(/who/);
    expect(problems('breakGlass: { who: [UANN], minutes: 1000 }\n').join()).toMatch(/at most 120/);
  });
});
