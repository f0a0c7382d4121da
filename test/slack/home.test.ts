import type { HomeView, ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/message.js';
import { createEntries } from '../../src/slack/entries.js';
import { HomeWatch } from '../../src/slack/home-watch.js';
import { slackSurfaces } from '../../src/slack/surfaces.js';
import { changeIn } from '../approval/many-changes.js';
import { recordingTools, type Recording } from './recording-tools.js';

const change = changeIn('c-1', { state: 'proposed', createdMs: Date.parse('2026-11-21T08:00:00Z') });

function open() {
  const recording = recordingTools();
  const published: { user: string; view: HomeView }[] = [];
  const opened: ModalView[] = [];
  const updated: { viewId: string; view: ModalView }[] = [];
  const replaced: { url: string; message: Message }[] = [];
  const entry = {
    tools: recording.tools,
    log: recording.log,
    openForm: (_trigger: string, view: ModalView) => Promise.resolve(void opened.push(view)),
    updateForm: (viewId: string, view: ModalView) => Promise.resolve(void updated.push({ viewId, view })),
    publish: (user: string, view: HomeView) => Promise.resolve(void published.push({ user, view })),
    replace: (url: string, message: Message) => Promise.resolve(void replaced.push({ url, message })),
    permalink: () => Promise.resolve('https://example.slack.com/archives/C0OPS/p1'),
    whisper: () => Promise.resolve(),
  };
  return {
    ...recording,
    recording,
    entry,
    entries: createEntries(entry),
    published,
    opened,
    updated,
    replaced,
  };
}

let clicks = 0;
function clickOn(type: 'home' | 'modal', action: string, value: string, metadata = '') {
  return {
    type: 'block_actions',
    trigger_id: `t${(clicks += 1)}`,
    team: { id: 'T1' },
    user: { id: 'UBOB' },
    container: { type: 'view', view_id: 'V1' },
    view: { id: 'V1', type, private_metadata: metadata },
    actions: [{ type: 'button', action_id: action, value }],
  };
}

function decided(recording: Recording): readonly unknown[] {
  return recording.named('decide').map(({ args }) => args);
}

describe('the Home tab as it arrives from Slack', () => {
  it('is drawn when it is opened, and not for the tab of messages', async () => {
    const { entries, published } = open();
    await entries.homeOpened({
      event_id: 'E1',
      event: { type: 'app_home_opened', user: 'UBOB', tab: 'messages' },
    });
    await entries.homeOpened({
      event_id: 'E2',
      event: { type: 'app_home_opened', user: 'UBOB', tab: 'home' },
    });
    await expect.poll(() => published.map(({ user }) => user)).toEqual(['UBOB']);
  });

  it('asks the policy as on the card: in the channel of the change, whatever the click says of channels', async () => {
    const { entries, recording, published, told } = open();
    recording.homeAnswers.channelOf = () => Promise.resolve('C0OPS');
    recording.answers.decide = () => Promise.resolve({ kind: 'done', sentence: 'Approved. It starts now.' });
    await entries.click({ ...clickOn('home', 'approve', 'c-1'), channel: { id: 'CEVIL' } });
    expect(decided(recording)).toEqual([['c-1', 'approve', { user: 'UBOB', channel: 'C0OPS' }]]);
    await expect.poll(() => published.length).toBe(1);
    expect(JSON.stringify(published)).toContain('» Approved. It starts now.');
    expect(told).toEqual([]);
  });

  it('answers an id that is not known any more, and reaches no desk with it', async () => {
    const { entries, published, calls } = open();
    await entries.click(clickOn('home', 'approve', 'c-gone'));
    await expect.poll(() => JSON.stringify(published)).toContain('not known any more');
    expect(calls.map(({ name }) => name)).not.toContain('decide');
  });

  it('is drawn again by its own button, by nothing that only follows a link, and once for a click that came twice', async () => {
    const { entries, published, recording } = open();
    await entries.click(clickOn('home', 'home-refresh', 'home'));
    await expect.poll(() => published.length).toBe(1);
    recording.homeAnswers.channelOf = () => Promise.resolve('C0OPS');
    const twice = clickOn('home', 'approve', 'c-1');
    await entries.click(twice);
    expect(await entries.click(twice)).toBeNull();
    expect(decided(recording)).toHaveLength(1);
  });

  it('is drawn anew after a click on a card of who looks at it, and for nobody else', async () => {
    const { entries, published, recording } = open();
    recording.homeAnswers.isLooking = (user) => Promise.resolve(user === 'UBOB');
    for (const user of ['UCAROL', 'UBOB'])
      await entries.click({
        trigger_id: `m${user}`,
        user: { id: user },
        channel: { id: 'C0OPS' },
        container: { type: 'message', message_ts: '1.1' },
        actions: [{ type: 'button', action_id: 'reject', value: 'c-1' }],
      });
    await expect.poll(() => published.map(({ user }) => user)).toEqual(['UBOB']);
  });

  it('is drawn for those who look, when something has moved, and only where that shows', async () => {
    const { entry, published, recording } = open();
    recording.homeAnswers.lookers = () => Promise.resolve(['UBOB']);
    const watch = new HomeWatch(entry);
    await watch.draw();
    await watch.draw();
    expect(published).toHaveLength(1);
    const before = recording.tools.home.look('UBOB');
    recording.homeAnswers.look = async () => ({ ...(await before), running: [change] });
    await watch.draw();
    expect(published).toHaveLength(2);
    watch.stop();
  });
});

describe('the details of a change as they arrive from Slack', () => {
  it('open from any button with the address of the card, and carry their channel', async () => {
    const { entries, recording, opened } = open();
    const card = { channel: 'C0OPS', ts: '1.1' };
    recording.changesAnswers.details = () =>
      Promise.resolve({ kind: 'details', change, trail: [], card, permalink: null });
    recording.homeAnswers.channelOf = () => Promise.resolve('C0OPS');
    await entries.click(clickOn('home', 'change-details', 'c-1'));
    expect(opened).toHaveLength(1);
    expect(JSON.stringify(opened)).toContain('https://example.slack.com/archives/C0OPS/p1');
    expect(opened[0]?.private_metadata).toBe('{"channel":"C0OPS"}');
  });

  it('say in themselves what came of asking for the file, and take no other button', async () => {
    const { entries, recording, updated } = open();
    recording.changesAnswers.details = () =>
      Promise.resolve({ kind: 'details', change, trail: [], card: null, permalink: null });
    recording.changesAnswers.file = () => Promise.resolve({ kind: 'done', sentence: 'It is in the thread.' });
    await entries.click(clickOn('modal', 'change-file', 'c-1', '{"channel":"C0OPS"}'));
    expect(recording.named('file').map(({ args }) => args)).toEqual([
      ['c-1', { user: 'UBOB', channel: 'C0OPS' }],
    ]);
    expect(JSON.stringify(updated)).toContain('It is in the thread.');
    await entries.click(clickOn('modal', 'approve', 'c-1', '{"channel":"C0OPS"}'));
    await entries.click(clickOn('modal', 'change-file', 'c-1', 'none of ours'));
    expect([decided(recording).length, recording.named('file').length]).toEqual([0, 1]);
  });
});

describe('a page of the list', () => {
  const turn = (responseUrl: string | undefined) => ({
    trigger_id: `p${(clicks += 1)}`,
    user: { id: 'UBOB' },
    channel: { id: 'C0OPS' },
    container: { type: 'message', message_ts: '1.1', is_ephemeral: true },
    ...(responseUrl === undefined ? {} : { response_url: responseUrl }),
    actions: [{ type: 'button', action_id: 'changes-older', value: 'p1' }],
  });
  const page = {
    kind: 'page' as const,
    asked: '/changes',
    isFiltered: false,
    ...{
      changes: [change],
      hidden: 0,
      total: 11,
      from: 10,
      newer: 'p0',
      older: null,
      locks: [],
      freeze: null,
    },
  };

  it('takes the place of the one before, and is told anew where Slack gives no place', async () => {
    const { entries, recording, replaced, told } = open();
    recording.changesAnswers.page = () => Promise.resolve(page);
    await entries.click(turn('https://hooks.slack.com/actions/T1/1/x'));
    expect(replaced.map(({ url }) => url)).toEqual(['https://hooks.slack.com/actions/T1/1/x']);
    expect(told).toEqual([]);
    await entries.click(turn(undefined));
    expect(told).toHaveLength(1);
  });

  it('says so when it is too old to be turned', async () => {
    const { entries, told } = open();
    await entries.click(turn(undefined));
    expect(JSON.stringify(told)).toContain('not known any more');
  });

  it.each([
    'http://169.254.169.254/latest',
    'https://hooks.slack.com.evil.example/x',
    'file:///etc/passwd',
    'x',
  ])('is posted to Slack alone, never to %s', async (url) => {
    const { replace } = slackSurfaces({} as never, 'https://slack.com/api/');
    await expect(replace(url, { text: 'x', blocks: [] })).rejects.toThrow('not one of Slack');
  });
});
