import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSlackApp } from '../../src/slack/app.js';
import type { SlackApp } from '../../src/slack/options.js';
import { signatureProblem } from '../../src/slack/signature.js';
import { freePort } from '../lab/redis-server.js';
import { recordingTools, type Recording } from './recording-tools.js';

const secret = 'an-invented-signing-secret';
let desk: Recording;
let app: SlackApp;
let url: string;

beforeEach(async () => {
  desk = recordingTools();
  const port = await freePort();
  url = `http://127.0.0.1:${port}/slack/events`;
  app = createSlackApp({
    door: { mode: 'http', signingSecret: secret, host: '127.0.0.1', port },
    botToken: 'xoxb-invented',
    // Nobody is there: what arrives by HTTP must be answered all the same.
    apiUrl: 'http://127.0.0.1:9/api/',
    tools: desk.tools,
    log: desk.log,
    clock: Date.now,
  });
  await app.start();
});
afterEach(() => app.stop());

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

interface Signed {
  readonly at?: number;
  readonly key?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

function sign(
  body: string,
  { at = nowSeconds(), key = secret, type, headers = {} }: Signed = {},
): RequestInit {
  const signature = `v0=${createHmac('sha256', key).update(`v0:${at}:${body}`).digest('hex')}`;
  return {
    method: 'POST',
    body,
    headers: {
      'content-type': type ?? 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': signature,
      ...headers,
    },
  };
}

let trigger = 0;
function command(text: string): string {
  trigger += 1;
  const fields = {
    command: '/rmc-status',
    text,
    user_id: 'UALICE',
    channel_id: 'C0OPS',
    team_id: 'T0EXAMPLE',
  };
  return new URLSearchParams({ ...fields, trigger_id: `t${trigger}` }).toString();
}

const interactive = (payload: object): string =>
  new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

describe('a request that Slack signed', () => {
  it('is taken, and acknowledged after it was queued', async () => {
    let submitted = false;
    desk.answers.submit = async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      submitted = true;
      return { id: 'r1' };
    };
    const answer = await fetch(url, sign(command('lpar1')));
    expect(submitted).toBe(true);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
    expect(desk.named('submit')[0]?.args[1]).toBe('/rmc-status lpar1');
  });

  it('is answered privately in the same breath when it makes no sense', async () => {
    const answer = (await (await fetch(url, sign(command('lpra1')))).json()) as object;
    expect(answer).toMatchObject({
      response_type: 'ephemeral',
      text: expect.stringContaining('Did you mean lpar1?') as string,
    });
  });

  it('answers the question whether the address is ours', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'abc' });
    const answer = await fetch(url, sign(body, { type: 'application/json' }));
    expect(await answer.json()).toEqual({ challenge: 'abc' });
  });

  it('gets the options of a typeahead', async () => {
    const metadata = JSON.stringify({ command: '/rmc-fix', channel: 'C0OPS', threadTs: null });
    const body = interactive({
      type: 'block_suggestion',
      user: { id: 'UALICE' },
      team: { id: 'T0EXAMPLE' },
      action_id: 'pick',
      block_id: 'pick-target',
      value: 'erp',
      view: { type: 'modal', callback_id: 'ask', private_metadata: metadata },
    });
    const answer = (await (await fetch(url, sign(body))).json()) as { options: { value: string }[] };
    expect(answer.options.map((option) => option.value)).toEqual(['erp-db1']);
  });

  it('shows what is wrong under the field of a form', async () => {
    const metadata = JSON.stringify({ command: '/rmc-status', channel: 'C0OPS', threadTs: null });
    const values = { 'type-targets': { type: { type: 'plain_text_input', value: 'nobody' } } };
    const view = {
      id: 'V1',
      type: 'modal',
      callback_id: 'ask',
      private_metadata: metadata,
      state: { values },
    };
    const body = interactive({
      type: 'view_submission',
      user: { id: 'UALICE' },
      team: { id: 'T0EXAMPLE' },
      trigger_id: 'tv',
      view,
    });
    expect(await (await fetch(url, sign(body))).json()).toMatchObject({
      response_action: 'errors',
      errors: { 'type-targets': expect.stringContaining('Unknown target "nobody"') as string },
    });
  });

  it('has its mention taken once, although Slack sends events again', async () => {
    const event = {
      type: 'app_mention',
      user: 'UALICE',
      channel: 'C0OPS',
      ts: '1.1',
      text: '<@U0BOT> rmc-status lpar1',
    };
    const body = {
      type: 'event_callback',
      team_id: 'T0EXAMPLE',
      event_id: 'Ev1',
      authorizations: [{ user_id: 'U0BOT' }],
      event,
    };
    // Another second, whatever the clock does between the two: the same signature twice is refused.
    const at = nowSeconds();
    const first = await fetch(url, sign(JSON.stringify(body), { type: 'application/json', at }));
    const again = await fetch(url, sign(JSON.stringify(body), { type: 'application/json', at: at - 1 }));
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(desk.named('submit')).toHaveLength(1);
  });

  it('has the Home tab of a person drawn who opens it', async () => {
    const event = { type: 'app_home_opened', user: 'UBOB', channel: 'D0BOB', tab: 'home' };
    const body = { type: 'event_callback', team_id: 'T0EXAMPLE', event_id: 'EvHome', event };
    const answer = await fetch(url, sign(JSON.stringify(body), { type: 'application/json' }));
    expect(answer.status).toBe(200);
    await expect.poll(() => desk.named('home').map(({ args }) => args)).toEqual([['UBOB']]);
  });

  it('says that nothing was queued when the store is away', async () => {
    desk.store = () => Promise.reject(new Error('Connection is closed.'));
    const answer = await fetch(url, sign(command('lpar1')));
    expect(await answer.json()).toMatchObject({
      text: expect.stringContaining('Nothing was queued') as string,
    });
    const event = await fetch(url, sign('{"type":"event_callback"}', { type: 'application/json' }));
    expect(event.status).toBe(503);
  });
});

describe('a request that Slack did not sign', () => {
  it.each([
    ['with another secret', sign('command=%2Frmc-status', { key: 'guess' })],
    ['with an empty secret', sign('command=%2Frmc-status', { key: '' })],
    ['without a signature', { method: 'POST', body: 'command=%2Frmc-status' }],
    ['six minutes old', sign('a=1', { at: nowSeconds() - 6 * 60 })],
    ['from six minutes ahead', sign('a=2', { at: nowSeconds() + 6 * 60 })],
    ['with a time that is no number', sign('a=3', { headers: { 'x-slack-request-timestamp': 'now' } })],
    ['with a signature of another length', sign('a=4', { headers: { 'x-slack-signature': 'v0=00' } })],
    [
      'with a body that was changed',
      { ...sign('command=%2Frmc-status&text=lpar1'), body: 'command=%2Frmc-status&text=all' },
    ],
  ])('%s is refused', async (_how, request) => {
    const answer = await fetch(url, request);
    expect(answer.status).toBe(401);
    expect(desk.calls).toEqual([]);
  });

  it('is refused the second time, as are replays', async () => {
    const request = sign(command('lpar1'));
    expect((await fetch(url, request)).status).toBe(200);
    expect((await fetch(url, request)).status).toBe(401);
    expect(desk.named('submit')).toHaveLength(1);
  });

  it('cannot fill the store: nothing is written down before the signature fits', async () => {
    let asked = 0;
    desk.store = () => {
      asked += 1;
      return Promise.resolve();
    };
    await fetch(url, sign('a=5', { key: 'guess' }));
    expect(asked).toBe(0);
  });
});

describe('the door', () => {
  it('is only where it should be, and takes no more than Slack sends', async () => {
    expect((await fetch(url.replace('/slack/events', '/'), sign('a=6'))).status).toBe(404);
    expect((await fetch(url)).status).toBe(405);
    const large = await fetch(url, sign('x'.repeat(1_100_000))).then(
      (answer) => answer.status,
      () => 413,
    );
    expect(large).toBe(413);
  });

  it('does not open without a secret', () => {
    const door = { mode: 'http', signingSecret: '', host: '127.0.0.1', port: 0 } as const;
    const parts = {
      botToken: 'x',
      apiUrl: 'http://127.0.0.1:9/',
      tools: desk.tools,
      log: desk.log,
      clock: Date.now,
    };
    expect(() => createSlackApp({ door, ...parts })).toThrow(/SLACK_SIGNING_SECRET is empty/);
    const request = { timestamp: '1', signature: `v0=${'0'.repeat(64)}`, body: Buffer.from('') };
    expect(() => signatureProblem('', request, 1_000)).toThrow(TypeError);
  });

  it('says which port is taken', async () => {
    const door = {
      mode: 'http',
      signingSecret: secret,
      host: '127.0.0.1',
      port: Number(new URL(url).port),
    } as const;
    const parts = {
      botToken: 'x',
      apiUrl: 'http://127.0.0.1:9/',
      tools: desk.tools,
      log: desk.log,
      clock: Date.now,
    };
    const second = createSlackApp({ door, ...parts });
    await expect(second.start()).rejects.toThrow(/EADDRINUSE/);
    await second.stop();
  });
});
