import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { membersOf, type Rollout, type RolloutState } from '../../../src/approval/rollout-states.js';
import type { Change } from '../../../src/approval/states.js';
import type { Message } from '../../../src/core/message.js';
import type { Plan } from '../../../src/core/plan.js';
import { rolloutCard } from '../../../src/slack/views/rollout-card.js';
import { leftOutFile, noRolloutWords, rolloutFile } from '../../../src/slack/views/rollout-file.js';
import { rolloutEndNotice, rolloutLines, rolloutNotice } from '../../../src/slack/views/rollout-thread.js';
import { exampleChange } from '../../approval/example-change.js';
import { examplePlans, exampleRollout, planOn } from '../../approval/example-rollout.js';
import { checkMessage } from '../block-limits.js';
import { hostileText } from './hostile.js';

const hint = 'anyone but who asked for it';
const at = '2026-03-01T02:10:00.000Z';

function card(patch: Partial<Rollout>, changes: Readonly<Record<string, Change>> = {}): Message {
  const sight = { approversHint: hint, plans: examplePlans, changes: new Map(Object.entries(changes)) };
  const message = rolloutCard(exampleRollout(patch), sight);
  checkMessage(message);
  return message;
}

const buttons = (message: Message): string[] =>
  [...JSON.stringify(message.blocks).matchAll(/"action_id":"(?<action>[a-z-]+)"/g)].map((m) => m[1] ?? '');

describe('the card of a proposed roll-out', () => {
  const leftOut = [
    { target: 'x', why: 'nothing-to-do', reason: 'RMC is up' },
    { target: 'y', why: 'not-read', reason: 'Connecting to y timed out' },
  ] as const;
  const message = card({ leftOut });

  it('says what runs, where, in which order, and who may approve', () => {
    expect(message.text).toContain('Let the HMC in, on 4 LPARs');
    expect(message.text).toContain('1 approval needed from anyone but who asked for it, not from <@UALICE>');
    expect(message.text).toContain('Wave 1 of 3: a\nWave 2 of 3: b, c\nWave 3 of 3: d');
    expect(JSON.stringify(message.blocks)).toContain('/usr/sbin/rsct/bin/rmcctrl -p');
    expect(buttons(message)).toEqual(['rollout-approve', 'rollout-reject', 'rollout-withdraw']);
  });

  it('says what is left out and why, what could not be read first', () => {
    expect(message.text).toMatch(
      /Not read, so not judged \(1\): y\. Connecting to y timed out\.\n.*Nothing to do \(1\): x/,
    );
  });

  it('shows the reason and the ticket of who asked', () => {
    const { text } = card({ grounds: { reason: 'After the switch change', ticket: 'CHG0001234' } });
    expect(text).toContain('After the switch change');
    expect(text).toContain('CHG0001234');
  });

  it('shows commands once for all targets that get the same, and others apart', () => {
    const plan = planOn('d');
    const [step] = plan.steps;
    const other: Plan = step === undefined ? plan : { ...plan, steps: [step, { ...step, id: 'again' }] };
    const plans = new Map([...examplePlans, ['d', other]]);
    const { text } = rolloutCard(exampleRollout(), { approversHint: hint, plans, changes: new Map() });
    expect(text).toMatch(/^a, b, c: /m);
    expect(text).toMatch(/^d: /m);
  });

  it('says that it cannot be undone where that is so', () => {
    expect(message.text).toContain('*Undone by:* nothing. Nothing to undo.');
  });
});

describe('the card of a roll-out on its way', () => {
  const changes = {
    a: exampleChange({ state: 'verified' }),
    b: exampleChange({ state: 'approved', note: 'Waiting: change c-9 holds node:b.' }),
    c: exampleChange({ state: 'running' }),
  };

  it('counts how the targets stand, names the wave and what it waits for, and can be stopped', () => {
    const message = card(
      { state: 'running', begun: 2, note: 'b: Waiting: change c-9 holds node:b.' },
      changes,
    );
    expect(message.text).toContain('4 LPARs: 1 running, 1 about to begin, 1 verified, 1 not begun.');
    expect(message.text).toContain('Wave 2 of 3: b, c. 1 more wave to come');
    expect(message.text).toContain('change c-9 holds node');
    expect(buttons(message)).toEqual(['rollout-stop']);
    expect(JSON.stringify(message.rich)).toContain('"type":"plan"');
  });

  it('says which target stopped it and what now, and offers the rest', () => {
    const stop = { by: 'worker', at, target: 'b', note: 'failed' };
    const failed = {
      ...changes,
      b: exampleChange({ state: 'failed' }),
      c: exampleChange({ state: 'verified' }),
    };
    const message = card({ state: 'stopped', begun: 2, stop }, failed);
    expect(message.text).toContain('✖ Stopped — ');
    expect(message.text).toContain('Stopped because b failed.');
    expect(message.text).toContain('Look at b first');
    expect(message.text).toContain('makes new plans for the 1 LPAR on which nothing was run');
    expect(buttons(message)).toEqual(['rollout-rest']);
  });

  it('offers no rest where none is left', () => {
    const stop = { by: 'worker', at, target: 'd', note: 'unknown' };
    const all = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [name, exampleChange({ state: 'verified' })]),
    );
    const message = card(
      { state: 'stopped', begun: 3, stop },
      { ...all, d: exampleChange({ state: 'unknown' }) },
    );
    expect(message.text).toContain('Stopped because d has an unknown outcome.');
    expect(message.text).toContain('No target is left to be proposed.');
    expect(buttons(message)).toEqual([]);
  });

  it('names the person who pressed Stop, and does not call that a failure', () => {
    const stop = { by: 'UEVE', at, target: null, note: '' };
    const message = card({ state: 'stopped', stop });
    expect(message.text).toContain('○ Stopped — ');
    expect(message.text).toContain('Stopped by <@UEVE>.');
  });

  it('has one line for each target in the thread, and a notice for who asked when it ends', () => {
    const rollout = exampleRollout({ state: 'running', begun: 2 });
    const sight = { approversHint: hint, plans: examplePlans, changes: new Map(Object.entries(changes)) };
    const [lines] = rolloutLines(rollout, sight);
    expect(lines?.text.split('\n')).toHaveLength(4);
    expect(lines?.text).toMatch(/✔ \*a\*: verified .*wave 1\n▷ \*b\*: about to begin/);
    expect(rolloutEndNotice(rollout, sight)).toBeNull();
    const done = rolloutEndNotice({ ...rollout, state: 'done' }, sight);
    expect(done?.text).toContain('<@UALICE>');
    expect(rolloutNotice(rollout, hint).text).toContain('on 4 LPARs* waits for approval');
  });
});

describe('the files of a roll-out', () => {
  it('hold every plan whole, with its change and digest', () => {
    const { content } = rolloutFile(exampleRollout(), examplePlans);
    for (const { target, digest, change } of membersOf(exampleRollout())) {
      expect(content).toContain(`Change ${change}\nEnable remote RMC clients on ${target}`);
      expect(content).toContain(digest);
    }
  });

  it('say of each target why it got no plan', () => {
    const leftOut = [{ target: 'x', why: 'refused', reason: 'It is in a cluster (gate G1)' }] as const;
    expect(leftOutFile(leftOut, 'r1').content).toContain('x — refused by a safety check: It is in a cluster');
    expect(noRolloutWords(leftOut)).toContain('None of 1 target got a plan: 1 refused by a safety check (x)');
  });
});

describe('every message of a roll-out', () => {
  const states: readonly RolloutState[] = [
    'proposed',
    'approved',
    'running',
    'stopping',
    'done',
    'stopped',
    'rejected',
    'expired',
  ];

  it('keeps within Slack’s limits with two hundred targets', () => {
    const names = Array.from({ length: 200 }, (_, n) => `a-rather-long-name-of-an-lpar-${n}.example`);
    const members = names.map((target, n) => ({ target, digest: 'd'.repeat(64), change: `c-r1-${n + 1}` }));
    const waves = members.map((member) => [member]);
    const leftOut = names.map((target) => ({ target, why: 'refused', reason: 'r'.repeat(2_000) }) as const);
    const plans = new Map(names.map((name) => [name, planOn(name)]));
    const changes = new Map(
      names.map((name) => [name, exampleChange({ state: 'failed', note: 'n'.repeat(900) })]),
    );
    for (const state of states) {
      const rollout = exampleRollout({ state, waves, leftOut, begun: state === 'proposed' ? 0 : 200 });
      const sight = { approversHint: hint, plans, changes };
      checkMessage(rolloutCard(rollout, sight));
      for (const message of rolloutLines(rollout, sight)) checkMessage(message);
      const ended = rolloutEndNotice(rollout, sight);
      if (ended !== null) checkMessage(ended);
    }
  });

  it('pings nobody and hides nothing, whatever names, notes and reasons hold', () => {
    fc.assert(
      fc.property(fc.constantFrom(...states), hostileText, hostileText, (state, bad, worse) => {
        const plan: Plan = { ...planOn(bad), interrupts: worse };
        const rollout = exampleRollout({
          ...{ state, note: worse, title: bad, interrupts: worse, begun: 1 },
          waves: [[{ target: bad, digest: 'd'.repeat(64), change: 'c-r1-1' }]],
          leftOut: [{ target: worse, why: 'refused', reason: bad }],
          stop: { by: 'worker', at, target: bad, note: worse },
          grounds: { reason: bad, ticket: worse },
        });
        const changes = new Map([[bad, exampleChange({ state: 'unknown', note: worse })]]);
        const sight = { approversHint: hint, plans: new Map([[bad, plan]]), changes };
        const ended = rolloutEndNotice(rollout, sight);
        const messages = [
          rolloutCard(rollout, sight),
          ...rolloutLines(rollout, sight),
          rolloutNotice(rollout, hint),
        ];
        for (const message of [...messages, ...(ended === null ? [] : [ended])]) {
          checkMessage(message);
          expect(message.text).not.toMatch(/<!(?:channel|here|everyone)|<#|<https?:/);
          expect(message.text.replaceAll('<@UALICE>', '')).not.toContain('<@');
        }
      }),
      { numRuns: 60 },
    );
  });
});
