import { describe, expect, it } from 'vitest';
import { digestClick, digestSubmit, readDigestPlace, type Submitted } from '../../src/slack/digest-form.js';
import type { FormState } from '../../src/slack/form.js';
import type { DigestForm } from '../../src/slack/views/digest-modal.js';
import { recordingTools } from './recording-tools.js';

const place = { line: 'line1', channel: 'C0OPS', threadTs: '1.2', seen: '' };
const arrival = {
  ...{ key: 'k1', name: 'cert', channel: 'C0OPS', user: 'UALICE', threadTs: '1.2', teamId: 'T0EXAMPLE' },
};

function acknowledgement(reason: string, day: string | null): FormState {
  return { reason: { reason: { value: reason } }, until: { until: { selected_date: day } } };
}

const owner = (picked: string | null, typed: string): FormState => ({
  'owner-pick': { 'owner-pick': { selected_option: picked === null ? null : { value: picked } } },
  'owner-type': { 'owner-type': { value: typed } },
});

const snooze = (value: string): FormState => ({ snooze: { snooze: { selected_option: { value } } } });

let forms = 0;
async function submit(form: DigestForm, state: FormState, desk = recordingTools()) {
  forms += 1;
  const one = { arrival: { ...arrival, key: `k${forms}` }, place, state, viewId: `V${forms}` };
  const answer = await digestSubmit(form, one, desk);
  return { answer, said: desk.named('say').map(({ args }) => args[2]) };
}

const wrong = (field: string, sentence: string): Submitted => ({ kind: 'wrong', field, sentence });

// The desk's clock stands at 2026-11-21 07:30 UTC.
describe('a form of the digest', () => {
  it.each([
    ['no reason', acknowledgement('', '2026-12-01'), 'reason', 'Say why it may stay like this.'],
    [
      'blanks as a reason',
      acknowledgement(' \n\t ', '2026-12-01'),
      'reason',
      'Say why it may stay like this.',
    ],
    ['no day', acknowledgement('ordered', null), 'until', 'Choose the last day of it.'],
    ['a day that is none', acknowledgement('ordered', '2026-13-45'), 'until', 'Choose the last day of it.'],
    [
      'yesterday',
      acknowledgement('ordered', '2026-11-20'),
      'until',
      'This day is over: choose today or a later one.',
    ],
    ['a day years ahead', acknowledgement('ordered', '2036-01-01'), 'until', 'Choose a day within 400 days.'],
    ['nothing at all', {}, 'reason', 'Say why it may stay like this.'],
  ] as const)(
    'takes no acknowledgement with %s, and says so under that field',
    async (_what, state, field, sentence) => {
      const { answer, said } = await submit('cert-acknowledge', state);
      expect(answer).toEqual(wrong(field, sentence));
      expect(said).toEqual([]);
    },
  );

  it('takes today as the last day, to its end', async () => {
    const { answer, said } = await submit('cert-acknowledge', acknowledgement('ordered', '2026-11-21'));
    expect(answer).toEqual({ kind: 'done' });
    expect(said).toEqual([{ act: 'acknowledge', reason: 'ordered', until: '2026-11-21T23:59:59.000Z' }]);
  });

  it('keeps what is written to one harmless line', async () => {
    const { said } = await submit(
      'cert-acknowledge',
      acknowledgement(`a\u0000\u202eb ${'x'.repeat(900)}`, '2026-12-01'),
    );
    const [{ reason = '' } = {}] = said as { reason?: string }[];
    expect(reason.length).toBeLessThanOrEqual(300);
    expect(reason).not.toMatch(/[\u0000-\u001f]/);
  });

  it.each([['4d'], [''], ['3d; rm']])('takes no snooze of "%s"', async (value) => {
    const { answer, said } = await submit('cert-snooze', snooze(value));
    expect(answer).toEqual(wrong('snooze', 'Choose how long.'));
    expect(said).toEqual([]);
  });

  it('counts a snooze from now, and one without a date has none', async () => {
    expect((await submit('cert-snooze', snooze('3d'))).said).toEqual([
      { act: 'snooze', until: '2026-11-24T07:30:00.000Z' },
    ]);
    expect((await submit('cert-snooze', snooze('band'))).said).toEqual([{ act: 'snooze', until: null }]);
  });

  it('takes one owner: picked, or typed, or oneself', async () => {
    const both = await submit('cert-assign', owner('@web', 'somebody'));
    expect(both.answer).toEqual(wrong('owner-type', 'Choose one or type one, not both.'));
    const none = await submit('cert-assign', owner(null, '  '));
    expect(none.answer).toEqual(wrong('owner-type', 'Choose an owner, or type one.'));
    expect([...both.said, ...none.said]).toEqual([]);
    expect((await submit('cert-assign', owner('me', ''))).said).toEqual([{ act: 'assign', owner: 'UALICE' }]);
    expect((await submit('cert-assign', owner('@web', ''))).said).toEqual([{ act: 'assign', owner: '@web' }]);
  });

  it('shows a refusal in the form, and takes the form again afterwards', async () => {
    const desk = recordingTools();
    desk.digestAnswers = {
      say: () => Promise.resolve({ kind: 'refused', sentence: 'You may not acknowledge here.' }),
    };
    const state = acknowledgement('ordered', '2026-12-01');
    const one = { arrival, place, state, viewId: 'V-again' };
    const refusal = wrong('reason', 'You may not acknowledge here.');
    expect(await digestSubmit('cert-acknowledge', one, desk)).toEqual(refusal);
    desk.digestAnswers = {};
    const again = { ...one, arrival: { ...arrival, key: 'k-again' } };
    expect(await digestSubmit('cert-acknowledge', again, desk)).toEqual({ kind: 'done' });
    // Slack delivers twice, and a person presses twice: what was said is said once.
    expect(await digestSubmit('cert-acknowledge', again, desk)).toEqual({ kind: 'repeated' });
    const twice = { ...one, arrival: { ...arrival, key: 'k-twice' } };
    expect(await digestSubmit('cert-acknowledge', twice, desk)).toEqual({ kind: 'done' });
    expect(desk.named('say')).toHaveLength(2);
  });

  it('says under the field that nothing was kept while the store is away', async () => {
    const desk = recordingTools();
    desk.store = () => Promise.reject(new Error('ECONNREFUSED'));
    const { answer } = await submit('cert-snooze', snooze('3d'), desk);
    expect(answer).toMatchObject({ kind: 'wrong', field: 'snooze' });
    expect(desk.logged.map(({ level }) => level)).toContain('error');
  });

  it('says of a line that is gone that nothing was done', async () => {
    const desk = recordingTools();
    desk.digestAnswers = { say: () => Promise.resolve(null) };
    const { answer } = await submit('cert-snooze', snooze('3d'), desk);
    expect(answer).toMatchObject({
      kind: 'wrong',
      field: 'snooze',
      sentence: expect.stringMatching(/not known/i) as unknown,
    });
  });

  it('takes back only its own metadata', () => {
    expect(readDigestPlace(JSON.stringify(place))).toEqual(place);
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{}',
      JSON.stringify({ ...place, line: '../x' }),
      JSON.stringify({ ...place, seen: 1 }),
    ])
      expect(readDigestPlace(text)).toBeNull();
  });
});

describe('a button of the digest', () => {
  const click = (desk: ReturnType<typeof recordingTools>, value: string, opened: string[] = []) =>
    digestClick(
      {
        arrival: { ...arrival, key: `c${(forms += 1)}` },
        action: 'cert-acknowledge',
        value,
        triggerId: 't',
        messageTs: '1.2',
      } as never,
      'cert-acknowledge',
      {
        ...desk,
        openForm: (_trigger, view) => {
          opened.push(view.callback_id ?? '');
          return Promise.resolve();
        },
      },
    );

  it('opens no form for who may not, and says so to this person', async () => {
    const desk = recordingTools();
    desk.digestAnswers = { open: () => Promise.resolve({ kind: 'refused', sentence: 'You may not.' }) };
    const opened: string[] = [];
    const reply = await click(desk, 'line1', opened);
    expect(JSON.stringify(reply)).toContain('You may not.');
    expect(opened).toEqual([]);
  });

  it.each([['<!channel>'], [''], ['x'.repeat(500)]])(
    'asks nobody about a value that is not ours: %s',
    async (value) => {
      const desk = recordingTools();
      const reply = await click(desk, value);
      expect(reply.kind).toBe('private');
      expect(desk.calls).toEqual([]);
    },
  );
});
