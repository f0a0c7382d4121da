import type { ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { createEntries } from '../../src/slack/entries.js';
import { recordingTools } from './recording-tools.js';

let deliveries = 0;

function bot() {
  const recording = recordingTools();
  const forms: ModalView[] = [];
  const entries = createEntries({
    ...recording,
    openForm: (_trigger, view) => {
      forms.push(view);
      return Promise.resolve();
    },
    updateForm: () => Promise.resolve(),
    publish: () => Promise.resolve(),
    replace: () => Promise.resolve(),
    permalink: () => Promise.resolve(null),
    whisper: () => Promise.resolve(),
  });
  return { recording, forms, entries };
}

const click = (action: string, value: string) => ({
  type: 'block_actions',
  team: { id: 'T1' },
  user: { id: 'UCAROL' },
  channel: { id: 'C1' },
  trigger_id: `t${(deliveries += 1)}`,
  actions: [{ type: 'button', action_id: action, value, action_ts: String((deliveries += 1)) }],
  container: { message_ts: '1.1', channel_id: 'C1' },
  message: { ts: '1.1' },
});

const submission = (form: ModalView, code: string) => ({
  type: 'view_submission',
  team: { id: 'T1' },
  user: { id: 'UCAROL' },
  view: {
    id: `V${(deliveries += 1)}`,
    callback_id: form.callback_id,
    private_metadata: form.private_metadata,
    state: { values: { code: { type: { value: code } } } },
  },
});

const command = (text: string) => ({
  command: '/changes',
  text,
  team_id: 'T1',
  channel_id: 'C1',
  user_id: 'UCAROL',
  trigger_id: `t${(deliveries += 1)}`,
});

describe('/changes freeze and /changes break-glass', () => {
  it('reach the desk with their reasons, and the channel to tell', async () => {
    const { recording, entries } = bot();
    const origin = { teamId: 'T1', channel: 'C1', user: 'UCAROL', threadTs: null };
    await entries.command(command('freeze on Quarter end, until Monday'), 'e1');
    await entries.command(command('freeze off'), 'e2');
    await entries.command(command('break-glass lpar1 production is down, incident 4711'), 'e3');
    expect(recording.named('freeze').map(({ args }) => args)).toEqual([
      [true, 'Quarter end, until Monday', origin],
      [false, '', origin],
    ]);
    expect(recording.named('breakGlass').map(({ args }) => args)).toEqual([
      ['lpar1', 'production is down, incident 4711', origin],
    ]);
    expect(recording.named('submit')).toEqual([]);
  });

  it('answer a refusal to the one person', async () => {
    const { recording, entries } = bot();
    recording.timeAnswers = {
      freeze: () => Promise.resolve({ kind: 'refused', sentence: 'You may not freeze changes here.' }),
    };
    const answer = await entries.command(command('freeze on Quarter end'), 'e1');
    expect(JSON.stringify(answer)).toContain('You may not freeze changes here.');
  });

  it('are taken once though Slack delivers them twice', async () => {
    const { recording, entries } = bot();
    const delivered = command('freeze on Quarter end');
    await entries.command(delivered, 'e1');
    expect(await entries.command(delivered, 'e1')).toBeNull();
    expect(recording.named('freeze')).toHaveLength(1);
  });
});

describe('the code for breaking the glass', () => {
  it('is asked for by a button that carries an id alone, in a form, and given to the desk', async () => {
    const { recording, forms, entries } = bot();
    recording.timeAnswers = {
      breakGlass: () => Promise.resolve({ kind: 'code', wish: 'w1', target: 'lpar1' }),
      giveCode: () => Promise.resolve({ kind: 'done', sentence: '' }),
    };
    const asked = JSON.stringify(
      await entries.command(command('break-glass lpar1 production is down'), 'e1'),
    );
    expect(asked).toContain('"value":"w1"');
    expect(asked).toContain('Nothing is opened yet.');
    expect(asked).not.toContain('production is down');
    await entries.click(click('glass-code', 'w1'), 'e2');
    const [form] = forms;
    if (form === undefined) throw new Error('no form was opened');
    expect(JSON.parse(form.private_metadata ?? '')).toMatchObject({ id: 'w1', channel: 'C1' });
    expect(await entries.form(submission(form, '123456'), 'e3')).toEqual({ body: undefined });
    expect(recording.named('giveCode').map(({ args }) => args)).toEqual([
      ['w1', '123456', { user: 'UCAROL', channel: 'C1' }],
    ]);
    expect(recording.told).toEqual([]);
  });

  it.each([
    [
      'a wrong one',
      { kind: 'refused', sentence: 'That code is not right.' } as const,
      'That code is not right.',
    ],
    ['one that comes too late', null, 'This was asked for too long ago. Nothing was opened.'],
  ])('is refused under its field: %s', async (_what, answer, words) => {
    const { recording, forms, entries } = bot();
    recording.timeAnswers = { giveCode: () => Promise.resolve(answer) };
    await entries.click(click('glass-code', 'w1'), 'e1');
    const [form] = forms;
    if (form === undefined) throw new Error('no form was opened');
    const body = (await entries.form(submission(form, '111111'), 'e2'))?.body;
    expect(body?.errors['code']).toContain(words);
  });

  it.each(['', 'a b', '<!channel>', 'x'.repeat(200)])(
    'opens no form for a button that is not ours: %s',
    async (id) => {
      const { recording, forms, entries } = bot();
      await entries.click(click('glass-code', id), 'e1');
      expect(forms).toEqual([]);
      expect(JSON.stringify(recording.told)).toContain('not known any more');
    },
  );
});

describe('the button "Reviewed"', () => {
  it('goes to the desk with its id, once, and what the desk refuses is told to one person', async () => {
    const { recording, entries } = bot();
    const delivered = click('glass-reviewed', 'g1');
    await entries.click(delivered, 'e1');
    expect(await entries.click(delivered, 'e1')).toBeNull();
    expect(recording.named('reviewed').map(({ args }) => args)).toEqual([
      ['g1', { user: 'UCAROL', channel: 'C1' }],
    ]);
    recording.timeAnswers = {
      reviewed: () => Promise.resolve({ kind: 'refused', sentence: 'You broke this glass.' }),
    };
    await entries.click(click('glass-reviewed', 'g1'), 'e2');
    expect(JSON.stringify(recording.told)).toContain('You broke this glass.');
  });

  it.each(['', '../g1', 'nothing'])('is answered where its id is not known: %s', async (id) => {
    const { recording, entries } = bot();
    recording.timeAnswers = { reviewed: () => Promise.resolve(null) };
    await entries.click(click('glass-reviewed', id), 'e1');
    expect(JSON.stringify(recording.told)).toContain('not known any more');
  });
});
