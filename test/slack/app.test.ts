import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { WebSocket } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSlackApp } from '../../src/slack/app.js';
import { RefusedError } from '../../src/core/errors.js';
import type { SlackApp } from '../../src/slack/options.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { recordingTools, type Recording } from './recording-tools.js';

let folder: string;
let slack: LocalSlack;
let app: SlackApp | null = null;
let desk: Recording;

interface Shown {
  readonly text: string;
  readonly ts: string;
  readonly user?: string;
  readonly subtype?: string;
  readonly ephemeral_to?: string;
}

const channel = 'C0OPS';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'aixops-app-test-'));
  slack = await startLocalSlack({ folder, port: 0, isRateLimited: false });
});
afterAll(async () => {
  await slack.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  slack.clearFaults();
  await control('POST', 'reset');
  await control('DELETE', 'traffic');
  desk = recordingTools();
  app = await begin();
});
afterEach(async () => {
  await app?.stop();
  await expect.poll(() => slack.connections(), { timeout: 10_000 }).toBe(0);
});

async function begin(connections = 1): Promise<SlackApp> {
  const made = createSlackApp({
    door: { mode: 'socket', appToken: slack.appToken, connections },
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    tools: desk.tools,
    log: desk.log,
    clock: Date.now,
  });
  await made.start();
  return made;
}

async function control(method: string, call: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${slack.url}/_control/${call}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return await answer.json();
}

const type = (command: string, text: string, user = 'UALICE'): Promise<unknown> =>
  control('POST', 'command', { channel, user, command, text });

async function say(text: string, threadTs?: string): Promise<Shown> {
  const body = { channel, user: 'UALICE', text, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) };
  return ((await control('POST', 'message', body)) as { message: Shown }).message;
}

async function shown(): Promise<Shown[]> {
  return ((await control('GET', `messages/${channel}`)) as { messages: Shown[] }).messages;
}

const click = (messageTs: string, action: string, value: string, user = 'UBOB'): Promise<unknown> =>
  control('POST', 'interact', {
    channel,
    messageTs,
    user,
    action: { type: 'button', action_id: action, block_id: 'b', value },
  });

async function card(threadTs?: string): Promise<string> {
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  const posted = await app?.client.chat.postMessage({ channel, text: 'card', ...thread });
  return posted?.ts ?? '';
}

const texts = (): string[] => desk.told.map((reply) => reply.message.text);

const bob = () => ({ user: 'UBOB', channel });

describe('a slash command', () => {
  it('is queued before it is acknowledged', async () => {
    let submittedAt = 0;
    desk.answers.submit = async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      submittedAt = Date.now();
      return { id: 'r1' };
    };
    await type('/rmc-status', 'lpar1 lpar2');
    expect(desk.named('submit')[0]?.args).toEqual([
      { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1', 'lpar2'] },
      '/rmc-status lpar1 lpar2',
      { teamId: 'T0EXAMPLE', channel, user: 'UALICE', threadTs: null },
    ]);
    const [envelope] = slack.envelopes().filter((one) => one.type === 'slash_commands');
    expect(envelope?.state).toBe('acked');
    expect(envelope?.ackedAt).toBeGreaterThanOrEqual(submittedAt);
    expect(await shown()).toEqual([]);
  });

  it('asks the policy once, before anything is queued', async () => {
    await type('/rmc-fix', 'lpar1 rmc-restart');
    expect(desk.calls.map((call) => call.name)).toEqual(['mayAsk', 'lacking', 'submit']);
    expect(desk.named('mayAsk')[0]?.args).toMatchObject([
      { user: 'UALICE' },
      { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' },
      '/rmc-fix lpar1 rmc-restart',
    ]);
  });

  it('is refused privately, and nothing is queued, when the policy says no', async () => {
    desk.answers.mayI = () =>
      Promise.resolve({ allowed: false, rule: 'diagnose', sentence: 'You may not <!here>.' });
    await type('/rmc-status', 'lpar1');
    expect(desk.named('submit')).toEqual([]);
    const [answer] = await shown();
    expect(answer).toMatchObject({ subtype: 'ephemeral', ephemeral_to: 'UALICE' });
    expect(answer?.text).toContain('You may not');
    expect(answer?.text).not.toContain('<!here>');
  });

  it('says privately that nothing was queued when the store does not take it', async () => {
    desk.answers.submit = () => Promise.reject(new Error('Connection is closed.'));
    await type('/rmc-status', 'lpar1');
    const [answer] = await shown();
    expect(answer?.subtype).toBe('ephemeral');
    expect(answer?.text).toBe('Nothing was queued: Redis did not answer. Nothing was touched. Try again.');
  });

  it('says so as well when the store is away from the start', async () => {
    desk.store = () => Promise.reject(new Error('Connection is closed.'));
    await type('/rmc-status', 'lpar1');
    expect((await shown())[0]?.text).toContain('Nothing was queued');
    expect(desk.calls).toEqual([]);
  });

  it('does not claim that nothing happened when the store is only late, and answers while it still is', async () => {
    desk.answers.submit = () => new Promise(() => undefined);
    await type('/rmc-status', 'lpar1');
    expect((await shown())[0]?.text).toContain('not known whether this was queued');
  });

  it('explains our own errors in their own words', async () => {
    desk.answers.submit = () => Promise.reject(new RefusedError('The freeze lasts until Monday.', 'freeze'));
    await type('/rmc-status', 'lpar1');
    expect((await shown())[0]?.text).toContain('The freeze lasts until Monday.');
  });

  it('answers a mistake at once and privately: what was understood, what was meant, what to type', async () => {
    await type('/rmc-status', 'lpra1');
    const [answer] = await shown();
    expect(answer?.subtype).toBe('ephemeral');
    expect(answer?.text).toContain('Did you mean lpar1?');
    expect(answer?.text).toContain('`/rmc-status lpra1`');
    expect(answer?.text).toContain('Type: `/rmc-status lpar1`');
    expect(desk.calls).toEqual([]);
  });

  it('gives help, only on what the caller may use', async () => {
    desk.answers.mayI = (_user, action) =>
      Promise.resolve(
        action === 'diagnose' ? { allowed: true } : { allowed: false, rule: 'propose', sentence: 'No.' },
      );
    await type('/aix-help', '');
    const [all] = await shown();
    expect(all?.text).toContain('`/rmc-status &lt;targets&gt; [--deep] [--now]`');
    expect(all?.text).not.toContain('/rmc-fix');
    await type('/aix-help', 'rmc-status');
    expect((await shown())[1]?.text).toContain('tag:env=prod');
    await type('/aix-help', 'rmc-statsu');
    expect((await shown())[2]?.text).toContain('Did you mean /rmc-status?');
    await type('/aix-help', 'rmc.port-blocked');
    expect((await shown())[3]?.text).toContain('a firewall or a missing route');
  });
});

describe('a form', () => {
  let page: WebSocket;
  const errors: Record<string, string>[] = [];

  beforeEach(async () => {
    errors.length = 0;
    page = new WebSocket(`${slack.url.replace('http', 'ws')}/ui`);
    page.addEventListener('message', ({ data }) => {
      const told = JSON.parse(String(data)) as {
        t: string;
        errors?: Record<string, string>;
      };
      if (told.t === 'view_errors' && told.errors) errors.push(told.errors);
    });
    await new Promise((resolve) => page.addEventListener('open', resolve, { once: true }));
  });
  afterEach(() => page.close());

  const submit = (values: object, user = 'UALICE'): void =>
    page.send(JSON.stringify({ t: 'view_submit', user, values }));

  it('opens for a command without arguments, is checked, and asks like the command', async () => {
    await type('/rmc-status', '');
    const opened = slack.traffic('views.open');
    expect(opened).toHaveLength(1);
    expect(desk.named('submit')).toEqual([]);

    submit({ 'type-targets': { type: { type: 'plain_text_input', value: 'lpra1' } } });
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]?.['type-targets']).toBe(
      'Unknown target "lpra1". Did you mean lpar1? Type: /rmc-status lpar1',
    );

    submit({ 'type-targets': { type: { type: 'plain_text_input', value: '“lpar1”, LPAR2' } } });
    await expect.poll(() => desk.named('submit').length).toBe(1);
    expect(desk.named('submit')[0]?.args).toEqual([
      { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1', 'lpar2'] },
      '/rmc-status lpar1 lpar2',
      { teamId: 'T0EXAMPLE', channel, user: 'UALICE', threadTs: null },
    ]);
  });

  it('holds the place and the command in its private metadata, and nothing else', async () => {
    await type('/rmc-fix', '');
    const view = slack.traffic('views.open')[0]?.args.view as { private_metadata: string };
    expect(JSON.parse(view.private_metadata)).toEqual({ command: '/rmc-fix', channel, threadTs: null });
  });

  it('takes what was picked as well as what was typed', async () => {
    await type('/rmc-status', '');
    const picked = [{ value: 'system:p9-a' }, { value: 'pvs1' }];
    submit({ 'pick-targets': { pick: { type: 'checkboxes', selected_options: picked } } });
    await expect.poll(() => desk.named('submit').length).toBe(1);
    expect(desk.named('submit')[0]?.args[1]).toBe('/rmc-status system:p9-a pvs1');
  });

  it('says under the field when nothing was picked or typed, and when the store is away', async () => {
    await type('/rmc-fix', '');
    submit({});
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]?.['type-target']).toContain('<target> is missing');
    desk.answers.submit = () => Promise.reject(new Error('Connection is closed.'));
    submit({ 'type-target': { type: { type: 'plain_text_input', value: 'lpar1' } } });
    await expect.poll(() => errors.length).toBe(2);
    expect(errors[1]?.['type-target']).toBe(
      'Nothing was queued: Redis did not answer. Nothing was touched. Try again.',
    );
  });

  it('offers what fits what was typed so far', async () => {
    const ask = async (block: string, value: string): Promise<string[]> => {
      const body = { action_id: 'pick', block_id: block, value };
      const answer = (await control('POST', 'suggest', body)) as { options: { value: string }[] };
      return answer.options.map((option) => option.value);
    };
    expect(await ask('pick-targets', '')).toContain('all');
    expect(await ask('pick-targets', 'lpar')).toEqual(['lpar1', 'lpar2']);
    expect(await ask('pick-targets', 'tag:')).toEqual(['tag:env=prod', 'tag:env=test']);
    expect(await ask('pick-targets', 'p9-b')).toEqual(['system:p9-b', 'erp-db1']);
    expect(await ask('pick-target', 'p9-b')).toEqual(['erp-db1']);
    expect(await ask('pick-nonsense', 'x')).toEqual([]);
    desk.answers.mayI = () => Promise.resolve({ allowed: false, rule: 'diagnose', sentence: 'No.' });
    expect(await ask('pick-targets', '')).toEqual([]);
  });

  it('is not shown to who may not use the command', async () => {
    desk.answers.mayI = () => Promise.resolve({ allowed: false, rule: 'diagnose', sentence: 'You may not.' });
    await type('/rmc-status', '');
    expect(slack.traffic('views.open')).toEqual([]);
    expect((await shown())[0]?.text).toContain('You may not.');
  });

  const seen = { seen: { type: { type: 'plain_text_input', value: 'lssrc shows ctrmc active.' } } };

  it('asks what was seen before an unknown change is closed, and decides nothing by opening', async () => {
    await click(await card(), 'close', 'c1');
    expect(desk.calls).toEqual([{ name: 'closing', args: ['c1', bob()] }]);
    const view = slack.traffic('views.open')[0]?.args.view as { private_metadata: string };
    expect(JSON.parse(view.private_metadata)).toEqual({ id: 'c1', channel, threadTs: null });
    for (const words of [
      'Stop RMC, start it',
      '/var/adm/aixops/c-1/restart',
      'Closing runs nothing',
      'node:lpar1',
    ])
      expect(JSON.stringify(view)).toContain(words);

    submit(seen, 'UBOB');
    await expect.poll(() => desk.told.length).toBe(1);
    expect(desk.named('closeChange')).toEqual([
      { name: 'closeChange', args: ['c1', bob(), 'lssrc shows ctrmc active.'] },
    ]);
    expect(desk.told[0]).toMatchObject({ channel, user: 'UBOB', threadTs: null });
    expect(texts()).toEqual(['Done.']);
  });

  it('for closing says under the field why it was not closed, and names nobody by an id', async () => {
    await click(await card(), 'close', 'c1');
    desk.answers.closeChange = () =>
      Promise.resolve({ kind: 'refused', sentence: 'This change is already failed by <@UCAROL>.' });
    submit(seen);
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]).toEqual({ seen: 'This change is already failed by somebody else.' });
    desk.answers.closeChange = () => Promise.reject(new Error('Connection is closed.'));
    submit(seen);
    await expect.poll(() => errors.length).toBe(2);
    expect(errors[1]?.['seen']).toContain('Nothing was touched');
    expect(desk.told).toEqual([]);
  });

  it('for closing is not opened for who may not close, nor for an id that is not ours', async () => {
    desk.answers.closing = () => Promise.resolve({ kind: 'refused', sentence: 'You may not close.' });
    const ts = await card();
    await click(ts, 'close', 'c1');
    await click(ts, 'close', '../../etc');
    expect(slack.traffic('views.open')).toEqual([]);
    expect(texts()[0]).toBe('You may not close.');
    expect(texts()[1]).toContain('not known any more');
    desk.answers = {};
    slack.faults({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    await click(ts, 'close', 'c1');
    expect(texts()[2]).toContain('nothing was decided');
  });

  it('gives way to words when Slack does not open it', async () => {
    slack.faults({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    await type('/rmc-status', '');
    expect((await shown())[0]?.text).toContain('The form could not be opened');
    expect((await shown())[0]?.text).toContain('/rmc-status &lt;targets&gt;');
  });
});

describe('a mention', () => {
  it('asks in the thread in which it stands', async () => {
    const root = await say('lpar1 looks odd');
    await say(`<@${slack.ids.bot}> rmc-status lpar1`, root.ts);
    await expect.poll(() => desk.named('submit').length).toBe(1);
    expect(desk.named('submit')[0]?.args[2]).toEqual({
      teamId: 'T0EXAMPLE',
      channel,
      user: 'UALICE',
      threadTs: root.ts,
    });
  });

  it('in a channel starts a thread for its answer', async () => {
    const message = await say(`<@${slack.ids.bot}> /rmc-status lpar1`);
    await expect.poll(() => desk.named('submit').length).toBe(1);
    expect(desk.named('submit')[0]?.args[2]).toMatchObject({ threadTs: message.ts });
  });

  it('is acknowledged only after it is queued', async () => {
    let submittedAt = 0;
    desk.answers.submit = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      submittedAt = Date.now();
      return { id: 'r1' };
    };
    await say(`<@${slack.ids.bot}> rmc-status lpar1`);
    await expect.poll(() => slack.envelopes().at(-1)?.state).toBe('acked');
    const mention = slack.envelopes().find((one) => JSON.stringify(one.payload).includes('app_mention'));
    expect(mention?.ackedAt).toBeGreaterThanOrEqual(submittedAt);
  });

  it('alone, or with a word that is no command, gives help privately', async () => {
    const root = await say('hello');
    await say(`<@${slack.ids.bot}>`, root.ts);
    await expect.poll(() => desk.told.length).toBe(1);
    expect(desk.told[0]).toMatchObject({ channel, user: 'UALICE', threadTs: root.ts });
    await say(`<@${slack.ids.bot}> rmc-statsu lpar1`);
    await expect.poll(() => desk.told.length).toBe(2);
    expect(texts()[1]).toContain('Did you mean /rmc-status?');
    await say(`<@${slack.ids.bot}> rmc-status`);
    await expect.poll(() => desk.told.length).toBe(3);
    expect(texts()[2]).toContain('is missing');
    expect(desk.named('submit')).toEqual([]);
  });

  it('tells the person directly when the outbox does not take the reply', async () => {
    desk.store = () => Promise.reject(new Error('Connection is closed.'));
    await say(`<@${slack.ids.bot}> rmc-status lpar1`);
    await expect.poll(() => slack.traffic('chat.postEphemeral').length).toBe(1);
    expect(JSON.stringify(slack.traffic('chat.postEphemeral'))).toContain('Nothing was queued');
  });

  it('by a bot is not answered', async () => {
    await app?.client.chat.postMessage({ channel, text: `<@${slack.ids.bot}> rmc-status lpar1` });
    await say('something else');
    expect(desk.calls).toEqual([]);
  });
});

describe('a button', () => {
  it.each([
    ['approve', 'decide', ['c1', 'approve']],
    ['reject', 'decide', ['c1', 'reject']],
    ['withdraw', 'decide', ['c1', 'withdraw']],
    ['roll-back', 'rollBack', ['c1']],
    ['look-again', 'lookAgain', ['c1']],
    ['stop-reading', 'stopReading', ['c1']],
    ['continue', 'continueChange', ['c1']],
    ['hand-over', 'handOver', ['c1']],
    ['cancel', 'cancelChange', ['c1']],
  ])('%s goes to the desk with the id and who clicked, and nothing else', async (action, name, args) => {
    await click(await card(), action, 'c1');
    expect(desk.calls).toEqual([{ name, args: [...args, bob()] }]);
    expect(slack.envelopes().at(-1)?.state).toBe('acked');
  });

  it('that offers a fix asks for its plan in the thread of the card', async () => {
    const ts = await card();
    await click(ts, 'offer', 'o1');
    const origin = { teamId: 'T0EXAMPLE', channel, user: 'UBOB', threadTs: ts };
    expect(desk.calls).toEqual([{ name: 'takeOffer', args: ['o1', origin] }]);
  });

  it('that offers a fix makes one plan, however often it is clicked', async () => {
    const ts = await card();
    await Promise.all([
      click(ts, 'offer', 'o1', 'UALICE'),
      click(ts, 'offer', 'o1', 'UALICE'),
      click(ts, 'offer', 'o1'),
    ]);
    expect(desk.named('takeOffer')).toHaveLength(1);
    expect(texts().filter((text) => text.includes('already'))).toHaveLength(2);
  });

  it('that offers a fix can be clicked again when nothing came of it', async () => {
    const ts = await card();
    desk.answers.takeOffer = () => Promise.reject(new Error('Connection is closed.'));
    await click(ts, 'offer', 'o1');
    expect(texts()).toEqual([
      'Your click was not taken: Redis did not answer. Nothing was touched. Click again.',
    ]);
    desk.answers = {};
    await click(ts, 'offer', 'o1');
    expect(desk.named('takeOffer')).toHaveLength(2);
  });

  it('tells the loser of two clicks who was first', async () => {
    let decided = 0;
    desk.answers.decide = () => {
      decided += 1;
      return Promise.resolve(
        decided === 1
          ? { kind: 'done', sentence: 'Approved. It starts now.' }
          : { kind: 'refused', sentence: 'This change is already approved by <@UBOB> <!channel>.' },
      );
    };
    const ts = await card();
    await Promise.all([click(ts, 'approve', 'c1'), click(ts, 'approve', 'c1', 'UCAROL')]);
    expect(texts()).toContain('Approved. It starts now.');
    expect(texts()[1]).toContain('already approved by <@UBOB>');
    expect(texts().join()).not.toContain('<!channel>');
    expect(desk.told.map((reply) => reply.user).sort()).toEqual(['UBOB', 'UCAROL']);
  });

  it.each([
    ['offer', 'o-unknown'],
    ['offer', '../../etc'],
    ['approve', '{"id":1}'],
    ['approve', ''],
    ['delete-everything', 'c1'],
  ])('%s with the value %j is answered, never met with silence', async (action, value) => {
    desk.answers.takeOffer = () => Promise.resolve(null);
    await click(await card(), action, value);
    expect(texts()).toEqual([expect.stringContaining('not known any more')]);
    expect(desk.told[0]?.user).toBe('UBOB');
  });

  it('in a thread is answered there', async () => {
    const root = await card();
    desk.answers.decide = () => Promise.resolve({ kind: 'refused', sentence: 'You asked for this change.' });
    await click(await card(root), 'approve', 'c1');
    expect(desk.told[0]?.threadTs).toBe(root);
  });
});

describe('the connection', () => {
  it('says that all is well, and what is wrong', async () => {
    expect(app?.status()).toEqual({ connected: true, problem: null });
    const wrong = createSlackApp({
      door: { mode: 'http', signingSecret: 'secret', host: '127.0.0.1', port: 0 },
      botToken: 'xoxb-wrong',
      apiUrl: slack.apiUrl,
      tools: desk.tools,
      log: desk.log,
      clock: Date.now,
    });
    await wrong.start();
    expect(wrong.status()).toEqual({
      connected: true,
      problem: expect.stringContaining('invalid_auth') as string,
    });
    await wrong.stop();
    expect(wrong.status().connected).toBe(false);
  });

  it('comes back after it was cut, and still takes commands', async () => {
    slack.faults({ method: '*', kind: 'disconnect-sockets' });
    await expect.poll(() => app?.status().connected, { timeout: 5_000 }).toBe(false);
    await expect.poll(() => app?.status().connected, { timeout: 15_000 }).toBe(true);
    await type('/rmc-status', 'lpar1');
    expect(desk.named('submit')).toHaveLength(1);
  });

  it('with two sockets takes commands while one of them is being renewed, each once', async () => {
    await app?.stop();
    app = await begin(2);
    await expect.poll(() => slack.connections()).toBe(2);
    for (let i = 0; i < 4; i += 1) await type('/rmc-status', 'lpar1');
    expect(desk.named('submit')).toHaveLength(4);
    expect(new Set(slack.envelopes().map((one) => one.connection)).size).toBe(2);
  });

  it('finishes what it has taken in before it closes', async () => {
    let isQueued = false;
    desk.answers.submit = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      isQueued = true;
      return { id: 'r1' };
    };
    const typed = type('/rmc-status', 'lpar1');
    await expect.poll(() => desk.named('submit').length).toBe(1);
    await app?.stop();
    await typed;
    expect(isQueued).toBe(true);
    expect(slack.envelopes().find((one) => one.type === 'slash_commands')?.state).toBe('acked');
  });

  it('starts although Slack is away, and stops while it tries', async () => {
    const away = createSlackApp({
      door: { mode: 'socket', appToken: 'xapp-1', connections: 1 },
      botToken: 'xoxb-1',
      apiUrl: 'http://127.0.0.1:9/api/',
      tools: desk.tools,
      log: desk.log,
      clock: Date.now,
    });
    void away.start();
    await expect.poll(() => away.status().problem, { timeout: 5_000 }).toContain('did not answer');
    expect(away.status().connected).toBe(false);
    await away.stop();
  });
});
