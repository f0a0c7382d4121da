import { describe, expect, it } from 'vitest';
import type { Change, ChangeState, JournalEntry } from '../../../src/approval/states.js';
import type { Message } from '../../../src/core/message.js';
import type { HmcStep, PersonStep, Plan, WaitStep } from '../../../src/core/plan.js';
import { hmcChange } from '../../../src/core/remote-command.js';
import { changeCard, planFile } from '../../../src/slack/views/change-card.js';
import { waitNotice } from '../../../src/slack/views/change-thread.js';
import { supportFile } from '../../../src/slack/views/support-case.js';
import { prose } from '../../../src/slack/views/words.js';
import { checkMessage } from '../block-limits.js';
import { approver, change, move, plan, requester, restart, result } from './examples.js';

const context = { approversHint: '<!subteam^S0UNIX>', mayRollBack: true };
const address = 'fe80::f816:3eff:fe00:a1';

const recreate: PersonStep = {
  kind: 'person',
  id: 'recreate',
  title: 'Give lpar2 its address back',
  instructions: ['Log in as root.', `Type exactly ${address}.`],
  check: [{ kind: 'link-local', address }],
  timeoutMs: 0,
  undo: `take ${address} off again.`,
};
const wait: WaitStep = {
  kind: 'wait',
  id: 'wait',
  title: 'Wait until RMC is connected',
  atLeastMs: 0,
  everyMs: 30_000,
  until: [{ kind: 'rmc-active' }],
  timeoutMs: 900_000,
};
const onHmc: HmcStep = {
  kind: 'hmc',
  id: 'on-hmc',
  title: 'Read the system again',
  effect: 'once',
  hmc: 'hmc1',
  command: hmcChange('once', 'chsysstate', ['-m', 'p9', '-o', 'rebuild', '-r', 'sys'], 'test'),
  timeoutMs: 60_000,
};
const guided: Plan = {
  ...plan,
  title: 'Recover the address of lpar2',
  steps: [recreate, { ...restart, gates: ['G1', 'G10'] }, wait],
  rollback: { kind: 'none', reason: 'It only puts back what was there.' },
  ifItFails: 'Open a support case with IBM.',
};

const at = '2026-03-04T03:20:00.000Z';
const intent = (step: string): JournalEntry => ({ kind: 'intent', step, at });
const notYet: JournalEntry = {
  kind: 'look',
  step: 'recreate',
  at,
  agreed: false,
  note: `lpar2 has no IPv6 address ${address}: no interface has a link-local one.`,
};
const doneByHand: JournalEntry = {
  kind: 'result',
  step: 'recreate',
  at,
  outcome: { kind: 'done', note: 'It is there.' },
};

const of = (state: ChangeState, over: Partial<Change>): Change => change(state, { plan: guided, ...over });
const drawn = (message: Message): string => JSON.stringify(message.blocks);
const card = (state: ChangeState, over: Partial<Change>): Message => {
  const message = changeCard(of(state, over), context);
  checkMessage(message);
  return message;
};
const actionsIn = (message: Message): string[] =>
  [...drawn(message).matchAll(/"action_id":"(?<id>[a-z-]+)"/g)].map((match) => match[1] ?? '');

describe('the card of a change that waits for a person', () => {
  const waiting = card('waiting', { journal: [intent('recreate')] });

  it('can be carried out by ear: who, what in numbered lines, then what', () => {
    for (const words of [
      'Waiting — Recover the address of lpar2',
      `A person must do this now:* Step 1 of 3 (Give lpar2 its address back). It is carried by <@${requester}>`,
      '1. Log in as root.\n2. Type exactly `fe80::f816:3eff:fe00:a1`.',
      'Then press *Done, continue*. It goes on only where this is seen: one of its interfaces has the IPv6 address `fe80::f816:3eff:fe00:a1`',
      'If you cancel after it: take `fe80::f816:3eff:fe00:a1` off again.',
      'Step 2 of 3 (Stop RMC, wait, start it, enable remote clients): not started',
    ])
      expect(waiting.text).toContain(words);
  });

  it('has the three buttons, and each says aloud what it does and where', () => {
    expect(actionsIn(waiting)).toEqual(['continue', 'hand-over', 'cancel']);
    for (const label of [
      'It is done on lpar2',
      'Take over: I carry this change on',
      'end the change on lpar2 here',
    ])
      expect(drawn(waiting)).toContain(label);
  });

  it('says what was seen where it is not done yet, and who carries it now', () => {
    const again = card('waiting', { journal: [intent('recreate'), notYet], carriedBy: 'U0NIGHT' });
    expect(again.text).toContain('*Not done yet,* seen');
    expect(again.text).toContain(`lpar2 has no IPv6 address \`${address}\``);
    expect(again.text).toContain('carried by <@U0NIGHT>');
    expect(waitNotice(of('waiting', { carriedBy: 'U0NIGHT' }), recreate).text).toContain('<@U0NIGHT>');
  });

  it('shows what is to be typed as code, and a backtick that nothing closes as a sign', () => {
    const typed = {
      ...recreate,
      instructions: ['Look with: `/usr/sbin/ifconfig -a` (all)', 'One ` alone *x*'],
    };
    const message = card('waiting', { plan: { ...guided, steps: [typed] }, journal: [intent('recreate')] });
    expect(message.text).toContain('1. Look with: `/usr/sbin/ifconfig -a` (all)\n2. One ˋ alone ∗x∗\n');
    expect(planFile(of('proposed', { plan: { ...guided, steps: [typed] } })).content).toContain(
      '1. Look with: /usr/sbin/ifconfig -a (all)',
    );
  });

  it('shows hostile and endless instructions within Slack’s limits', () => {
    const bad = {
      ...recreate,
      instructions: Array.from({ length: 200 }, () => '<!channel> ```&&&&& '.repeat(9)),
    };
    const message = card('waiting', { plan: { ...guided, steps: [bad] }, journal: [intent('recreate')] });
    expect(drawn(message)).not.toContain('<!channel>');
  });
});

describe('the card of a change that waits for time', () => {
  it('says the minute and offers only to cancel', () => {
    const journal = [intent('recreate'), doneByHand, { ...result(), step: 'restart' }, intent('wait')];
    const message = card('waiting', {
      journal,
      note: 'Minute 3 of at most 15: lpar2 does not show: ctrmc active.',
    });
    expect(message.text).toContain('Minute 3 of at most 15');
    expect(message.text).toContain(
      '*Nobody needs to do anything now.* It looks every 30 s by itself and gives up after 15 min; its locks stay held.',
    );
    expect(message.text).toContain('✔ Step 1 of 3 (Give lpar2 its address back): done by hand and checked');
    expect(message.text).toContain('▷ Step 3 of 3 (Wait until RMC is connected): waits since');
    expect(actionsIn(message)).toEqual(['cancel']);
  });
});

describe('the card of a guided change before and after', () => {
  it('shows for approval what a person will be told, exactly', () => {
    const proposed = card('proposed', {});
    expect(drawn(proposed)).toContain('*A person does:* Step 1 of 3');
    expect(drawn(proposed)).toContain(`2. Type exactly \`${address}\`.`);
    expect(drawn(proposed)).toContain('*Waits for lpar2:* Step 3 of 3');
    const file = planFile(of('proposed', {})).content;
    expect(file).toContain(`2. Type exactly ${address}.`);
    expect(file).toContain('# then checked: one of its interfaces has the IPv6 address');
    expect(file).toContain('# looks every 30 s until: LPAR and HMC');
    expect(file).toContain(`# if the change ends after it without success: take ${address} off again.`);
    expect(file).toContain('If it fails\n  Open a support case with IBM.');
    expect(file).toContain('nothing runs if one is shut: gates G1, G10');
  });

  it('lists what was done and what is left to undo when it is cancelled', () => {
    const history = [move('approve', approver, 8), move('cancel', 'U0NIGHT', 20, 'Ended.')];
    const message = card('failed', {
      history,
      journal: [intent('recreate')],
      note: 'Ended while it waited.',
    });
    expect(message.text).toContain('*Cancelled* by <@U0NIGHT>');
    expect(message.text).toContain('Nothing was run on lpar2');
    expect(message.text).toContain(
      `• Step 1 of 3 (Give lpar2 its address back), begun, perhaps done in part: take \`${address}\` off again.`,
    );
    expect(message.text).not.toContain('support case');
  });

  it('ends in the words for a support case, and a file with all that is known', () => {
    const journal = [intent('recreate'), notYet, doneByHand, intent('wait')];
    const failed = of('failed', { journal, note: '"Wait" ended after 15 min without it.' });
    expect(card('failed', { journal }).text).toContain('What now: Open a support case with IBM.');
    const { content } = supportFile(failed);
    for (const words of [
      'snap -gtkc',
      'step recreate is done: It is there.',
      'is not so yet',
      'ended after 15 min',
      'rmcctrl -z',
    ])
      expect(content).toContain(words);
  });

  it('says of an unknown outcome on an HMC that a person looks there', () => {
    const message = card('unknown', {
      plan: { ...plan, steps: [onHmc] },
      journal: [intent('on-hmc')],
      note: 'It was handed to hmc1, and the connection dropped.',
    });
    expect(message.text).toContain('(Read the system again) may have run on hmc1');
    expect(message.text).toContain('a person looks on the HMC; nothing is run again');
    expect(actionsIn(message)).toEqual(['look-again', 'close']);
    const proposed = card('proposed', { plan: { ...plan, steps: [onHmc] } });
    expect(drawn(proposed)).toContain('*Runs on HMC hmc1:*');
    expect(drawn(proposed)).toContain('chsysstate -m p9 -o rebuild -r sys');
  });
});

describe('addresses in prose', () => {
  it.each([
    [`has ${address}/64 on en1`, `has \`${address}/64\` on en1`],
    ['was fa:16:3e:00:00:01.', 'was `fa:16:3e:00:00:01`.'],
    ['::1', '`::1`'],
    ['fe80::1%en1 <x>', '`fe80::1%en1` &lt;x&gt;'],
    ['2001:db8:0:0:0:0:0:1', '`2001:db8:0:0:0:0:0:1`'],
    ['at 03:20:11 UTC', 'at 03:20:11 UTC'],
    ['Package::name and :smile:', 'Package::name and ∶smile:'],
  ])('%s', (text, shown) => {
    expect(prose(text)).toBe(shown);
  });
});
