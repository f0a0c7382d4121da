import { beforeEach, describe, expect, it } from 'vitest';
import type { ModalView } from '@slack/types';
import type { Demand } from '../../src/slack/approval-tools.js';
import { createEntries, type Entries } from '../../src/slack/entries.js';
import { checkView } from './block-limits.js';
import { recordingTools, type Recording } from './recording-tools.js';

let desk: Recording;
let opened: { readonly trigger: string; readonly view: ModalView }[];
let slackIsAway: boolean;
let deliveries = 0;

beforeEach(() => {
  desk = recordingTools();
  opened = [];
  slackIsAway = false;
});

function entries(): Entries {
  const nothing = () => Promise.resolve();
  return createEntries({
    tools: desk.tools,
    log: desk.log,
    openForm: (trigger, view) => {
      if (slackIsAway) return Promise.reject(new Error('no Slack'));
      opened.push({ trigger, view });
      return Promise.resolve();
    },
    ...{ updateForm: nothing, publish: nothing, replace: nothing, whisper: nothing },
    permalink: () => Promise.resolve(null),
  });
}

const base = (user: string) => ({
  trigger_id: `t${(deliveries += 1)}`,
  team: { id: 'T0EXAMPLE' },
  team_id: 'T0EXAMPLE',
  user: { id: user },
});

const click = (action: string, value: string, user = 'UBOB') =>
  entries().click({
    ...base(user),
    channel: { id: 'C0OPS' },
    message: { ts: '1.2' },
    actions: [{ type: 'button', action_id: action, value }],
  });

/** Submits the form that was opened last, with what is typed into it. */
function submit(said: Readonly<Record<string, string>>, user = 'UBOB') {
  const view = opened.at(-1)?.view;
  const values = Object.fromEntries(
    Object.entries(said).map(([what, value]) => [`say-${what}`, { say: { value } }]),
  );
  return entries().form({ ...base(user), view: { ...view, id: `V${deliveries}`, state: { values } } });
}

const code: Demand = { kind: 'ask', what: 'code', title: 'Restart RMC on <!channel>', problem: null };
const reject: Demand = { kind: 'ask', what: 'reject', title: 'Restart RMC', problem: null, least: 3 };
const grounds: Demand = {
  ...{ kind: 'ask', what: 'grounds', title: 'rmc-restart on lpar1', reason: true },
  ...{ ticket: 'CHG[0-9]{7}', said: { reason: 'hangs', ticket: null }, problem: 'A ticket is needed.' },
};
const bob = { user: 'UBOB', channel: 'C0OPS' };
const texts = (): string[] => desk.told.map(({ message }) => message.text);

describe('the form for a code', () => {
  it('opens behind Approve, decides with what is typed, and says what came of it', async () => {
    desk.answers.decide = (_id, _choice, _who, said) =>
      Promise.resolve(
        said?.code === undefined ? code : { kind: 'done', sentence: 'Approved. It starts now.' },
      );
    await click('approve', 'c1');
    const [form] = opened;
    expect(form?.view.callback_id).toBe('say-code');
    expect(JSON.stringify(form?.view)).not.toContain('<!channel>');
    checkView(form?.view as ModalView);
    expect(await submit({ code: '123 456' })).toEqual({ body: undefined });
    expect(desk.named('decide').at(-1)?.args).toEqual(['c1', 'approve', bob, { code: '123 456' }]);
    expect(texts()).toEqual(['Approved. It starts now.']);
  });

  it('says a wrong code under the field, and stays open', async () => {
    desk.answers.decide = (_id, _choice, _who, said) =>
      Promise.resolve(said?.code === undefined ? code : { ...code, problem: 'That code is not right.' });
    await click('approve', 'c1');
    expect(await submit({ code: '000000' })).toEqual({
      body: { response_action: 'errors', errors: { 'say-code': 'That code is not right.' } },
    });
    expect(texts()).toEqual([]);
  });

  it('closes and tells who was quicker', async () => {
    desk.answers.decide = (_id, _choice, _who, said) =>
      Promise.resolve(
        said?.code === undefined ? code : { kind: 'refused', sentence: 'Already approved by <@UCAROL>.' },
      );
    await click('approve', 'c1');
    expect(await submit({ code: '123456' })).toEqual({ body: undefined });
    expect(texts()).toEqual(['Already approved by <@UCAROL>.']);
  });

  it('tells what to do where it cannot be opened', async () => {
    slackIsAway = true;
    desk.answers.decide = () => Promise.resolve(code);
    await click('approve', 'c1');
    expect(texts()[0]).toContain('could not be opened, and nothing was decided');
  });
});

describe('the form for a rejection', () => {
  it('hands the reason to the desk', async () => {
    desk.answers.decide = (_id, _choice, _who, said) =>
      Promise.resolve(said?.reason === undefined ? reject : { kind: 'done', sentence: 'Rejected.' });
    await click('reject', 'c1');
    checkView(opened[0]?.view as ModalView);
    await submit({ reason: 'Not while the batch runs' });
    const said = { reason: 'Not while the batch runs' };
    expect(desk.named('decide').at(-1)?.args).toEqual(['c1', 'reject', bob, said]);
  });

  it('serves roll-outs as well', async () => {
    desk.rolloutAnswers.decide = (_id, _choice, _who, said) =>
      Promise.resolve(said?.reason === undefined ? reject : { kind: 'done', sentence: 'Rejected.' });
    await click('rollout-reject', 'ro1');
    await submit({ reason: 'Not tonight' });
    expect(texts()).toEqual(['Rejected.']);
  });
});

describe('the form for a reason and a ticket', () => {
  it('opens behind a slash command, and asks once more with what was said and the same words', async () => {
    desk.answers.lacking = (wish) =>
      Promise.resolve('grounds' in wish && wish.grounds?.ticket === 'CHG0001234' ? null : grounds);
    const typed = { command: '/rmc-fix', text: 'lpar1 rmc-restart --reason "hangs"' };
    const command = { ...base('UALICE'), user_id: 'UALICE', channel_id: 'C0OPS', ...typed };
    expect(await entries().command(command)).toEqual({ body: undefined });
    const view = opened[0]?.view;
    checkView(view as ModalView);
    expect(JSON.stringify(view)).toContain('"initial_value":"hangs"');
    expect(await submit({ reason: 'hangs', ticket: 'no' }, 'UALICE')).toMatchObject({
      body: { errors: { 'say-ticket': expect.stringContaining('A ticket is needed.') as string } },
    });
    expect(desk.named('submit')).toEqual([]);
    expect(await submit({ reason: 'hangs', ticket: 'CHG0001234' }, 'UALICE')).toEqual({ body: undefined });
    expect(desk.named('submit')[0]?.args[0]).toEqual({
      ...{ job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' },
      grounds: { reason: 'hangs', ticket: 'CHG0001234' },
    });
  });

  it('is the line to type where a mention asked', async () => {
    desk.answers.lacking = () => Promise.resolve(grounds);
    const event = { type: 'app_mention', user: 'UALICE', channel: 'C0OPS', ts: '1.3' };
    await entries().mention({
      ...{ event_id: `E${(deliveries += 1)}`, team_id: 'T0EXAMPLE' },
      authorizations: [{ user_id: 'UBOT' }],
      event: { ...event, text: '<@UBOT> rmc-fix lpar1 rmc-restart' },
    });
    expect(opened).toEqual([]);
    expect(texts()[0]).toContain('--ticket CHG');
    expect(desk.named('submit')).toEqual([]);
  });

  it('opens behind an offer and a Rollback, which another click may then still ask for', async () => {
    desk.answers.takeOffer = (_id, _origin, said) =>
      Promise.resolve(said === undefined ? grounds : { kind: 'done', sentence: 'Making a plan.' });
    await click('offer', 'o1');
    await click('offer', 'o1');
    expect(opened).toHaveLength(2);
    await submit({ reason: 'hangs', ticket: 'CHG0001234' });
    expect(texts()).toEqual(['Making a plan.']);
    desk.answers.rollBack = (_id, _who, said) =>
      Promise.resolve(said === undefined ? grounds : { kind: 'done', sentence: 'Being made.' });
    await click('roll-back', 'c1');
    await submit({ reason: 'It broke more', ticket: 'CHG0001234' });
    const said = { reason: 'It broke more', ticket: 'CHG0001234' };
    expect(desk.named('rollBack').at(-1)?.args).toEqual(['c1', bob, said]);
  });

  it('is not opened for a line that a form cannot remember', async () => {
    desk.answers.lacking = () => Promise.resolve(grounds);
    const text = `lpar1 rmc-restart --reason ${'"'.repeat(1_900)}`;
    const typed = { user_id: 'UALICE', channel_id: 'C0OPS', command: '/rmc-fix', text };
    const answer = await entries().command({ ...base('UALICE'), ...typed });
    expect(opened).toEqual([]);
    expect(answer?.body?.text).toContain('--reason');
  });

  it('does nothing for a form that remembers something else', async () => {
    desk.answers.decide = () => Promise.resolve(code);
    await click('approve', 'c1');
    for (const metadata of ['', '{}', '{"again":{"what":"change","id":"../x"},"channel":"C0OPS"}', '[]']) {
      const before = desk.named('decide').length;
      const view = { ...opened[0]?.view, id: 'V9', private_metadata: metadata, state: { values: {} } };
      expect(await entries().form({ ...base('UBOB'), view })).toEqual({ body: undefined });
      expect(desk.named('decide')).toHaveLength(before);
    }
  });
});
