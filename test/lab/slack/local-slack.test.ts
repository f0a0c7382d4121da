import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { SocketModeClient } from '@slack/socket-mode';
import { LogLevel, WebClient } from '@slack/web-api';
import { WebSocket } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isJson, objectsIn, textOf, type Json } from './json.js';
import { steadySocket, type SteadySocket } from '../../../src/slack/steady-socket.js';
import { startLocalSlack, type LocalSlack } from './start-local-slack.js';

let folder: string;
let slack: LocalSlack;
let web: WebClient;
const bots: SteadySocket[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'aixops-slack-test-'));
  slack = await startLocalSlack({ folder, port: 0 });
  web = client(slack.botToken);
});
afterAll(async () => {
  await slack.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  slack.clearFaults();
  await control('DELETE', 'traffic');
});
afterEach(async () => {
  await Promise.all(bots.splice(0).map((bot) => bot.stop()));
  await expect.poll(() => slack.connections()).toBe(0);
});

function client(token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 1_500,
    logLevel: LogLevel.ERROR,
    logger: quiet,
  });
}

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

async function control(method: string, call: string, body?: Json): Promise<Json> {
  const answer = await fetch(`${slack.url}/_control/${call}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const parsed: unknown = await answer.json();
  return isJson(parsed) ? parsed : {};
}

/** What Slack answered to a call that it refused. */
async function refusal(
  call: Promise<unknown>,
): Promise<{ error: string; code: string; retryAfter: unknown }> {
  try {
    await call;
  } catch (error) {
    const thrown = isJson(error) ? error : {};
    const data = isJson(thrown.data) ? thrown.data : {};
    return { error: textOf(data.error), code: textOf(thrown.code), retryAfter: thrown.retryAfter };
  }
  return { error: 'none', code: '', retryAfter: null };
}

interface Received {
  readonly type: string;
  readonly body: Json;
  readonly ack: (payload?: Json) => Promise<void>;
}

/** A bot with one connection; `answer` gets everything that arrives. */
async function connectBot(answer: (received: Received) => Promise<void>): Promise<SocketModeClient> {
  const bot = new SocketModeClient({
    appToken: slack.appToken,
    clientOptions: { slackApiUrl: slack.apiUrl },
    logLevel: LogLevel.ERROR,
    logger: quiet,
  });
  bot.on('slack_event', (event: Received) => void answer(event));
  // Left to itself it reconnects by a promise of its own, whose rejection nobody can handle.
  const unheard = () => undefined;
  bots.push(steadySocket(bot, { info: unheard, warn: unheard, error: unheard }));
  await bot.start();
  return bot;
}

async function messages(channel = 'C0OPS'): Promise<Json[]> {
  return objectsIn((await control('GET', `messages/${channel}`)).messages);
}

function command(text: string): Promise<Json> {
  return control('POST', 'command', { channel: 'C0OPS', user: 'UALICE', command: '/rmc-status', text });
}

describe('tokens and scopes', () => {
  it('refuses a wrong, a missing and a mistaken token', async () => {
    expect((await refusal(client('xoxb-wrong').auth.test())).error).toBe('invalid_auth');
    expect((await refusal(client('').auth.test())).error).toBe('not_authed');
    expect((await refusal(client(slack.appToken).auth.test())).error).toBe('not_allowed_token_type');
    expect((await refusal(web.apps.connections.open({}))).error).toBe('not_allowed_token_type');
    expect((await web.auth.test()).user_id).toBe(slack.ids.bot);
  });

  it('refuses a method whose scope the bot does not have', async () => {
    const refused = await refusal(web.users.lookupByEmail({ email: 'alice@example.com' }));
    expect(refused.error).toBe('missing_scope');
  });

  it('does not let the bot write where it is not a member', async () => {
    expect((await refusal(web.chat.postMessage({ channel: 'C0NONE', text: 'a' }))).error).toBe(
      'channel_not_found',
    );
  });

  it('knows the user groups', async () => {
    const groups = await web.usergroups.list({ include_users: true });
    expect(groups.usergroups?.map(({ handle, users }) => ({ handle, users }))).toEqual([
      { handle: 'unix-oncall', users: ['UALICE', 'UBOB', 'UCAROL'] },
      { handle: 'unix-approvers', users: ['UBOB', 'UCAROL'] },
    ]);
    const users = await web.usergroups.users.list({ usergroup: 'S0ONCALL' });
    expect(users.users).toEqual(['UALICE', 'UBOB', 'UCAROL']);
    expect((await refusal(web.usergroups.users.list({ usergroup: 'S0NONE' }))).error).toBe('no_such_subteam');
  });

  it('lets who is in a user group be changed', async () => {
    await control('POST', 'usergroups', { id: 'S0NEW', users: ['UDAVE'] });
    expect((await web.usergroups.users.list({ usergroup: 'S0NEW' })).users).toEqual(['UDAVE']);
    expect(await control('POST', 'usergroups', { id: 'S0NEW' })).toMatchObject({ ok: false });
  });

  it('refuses requests that come from a web page elsewhere or for another host', async () => {
    const foreign = await fetch(`${slack.url}/_control/state`, { headers: { origin: 'http://example.com' } });
    expect(foreign.status).toBe(403);
  });
});

describe('limits', () => {
  const section = (text: string): Json => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const post = (blocks: Json[], text = 'words'): Promise<{ error: string }> =>
    refusal(web.apiCall('chat.postMessage', { channel: 'D0ALICE', text, blocks }));

  it.each<[string, Json[], string]>([
    ['more than 50 blocks', Array.from({ length: 51 }, () => section('a')), 'invalid_blocks'],
    ['a text of more than 3,000 characters', [section('a'.repeat(3_001))], 'invalid_blocks'],
    [
      'a header of more than 150',
      [{ type: 'header', text: { type: 'plain_text', text: 'a'.repeat(151) } }],
      'invalid_blocks',
    ],
    ['the same block_id twice', [1, 2].map(() => ({ ...section('a'), block_id: 'x' })), 'invalid_blocks'],
    [
      'more than 13,200 characters together',
      Array.from({ length: 5 }, () => section('a'.repeat(2_900))),
      'msg_blocks_too_long',
    ],
    [
      'more than ten fields',
      [{ type: 'section', fields: Array.from({ length: 11 }, () => ({ type: 'mrkdwn', text: 'a' })) }],
      'invalid_blocks',
    ],
    ['more than 25 buttons', [{ type: 'actions', elements: buttons(26) }], 'invalid_blocks'],
    ['the same action_id twice', [{ type: 'actions', elements: buttons(2, 'same') }], 'invalid_blocks'],
    [
      'a button text of more than 75',
      [{ type: 'actions', elements: [{ ...button('a'), text: plain('b'.repeat(76)) }] }],
      'invalid_blocks',
    ],
    [
      'a button value of more than 2,000',
      [{ type: 'actions', elements: [{ ...button('a'), value: 'v'.repeat(2_001) }] }],
      'invalid_blocks',
    ],
    [
      'a block that this client does not draw',
      [{ type: 'data_table', caption: 'c', rows: [] }],
      'invalid_blocks',
    ],
  ])('refuses %s', async (_what, blocks, error) => {
    expect((await post(blocks)).error).toBe(error);
  });

  it('refuses no text and too much text', async () => {
    expect((await refusal(web.apiCall('chat.postMessage', { channel: 'D0ALICE' }))).error).toBe('no_text');
    expect((await post([], 'a'.repeat(40_001))).error).toBe('msg_too_long');
  });

  it('asks for patience when one channel gets too much, and only for that channel', async () => {
    const calls = await Promise.all(
      Array.from({ length: 6 }, () => refusal(web.chat.postMessage({ channel: 'C0DEV', text: 'a' }))),
    );
    const limited = calls.filter(({ code }) => code === 'slack_webapi_rate_limited_error');
    expect(limited.length).toBe(3);
    expect(limited[0]?.retryAfter).toBe(1);
    expect((await web.chat.postMessage({ channel: 'C0OPS', text: 'b' })).ok).toBe(true);
  });

  function plain(text: string): Json {
    return { type: 'plain_text', text };
  }
  function button(id: string): Json {
    return { type: 'button', action_id: id, text: plain('Go'), value: 'v' };
  }
  function buttons(count: number, id?: string): Json[] {
    return Array.from({ length: count }, (_, at) => button(id ?? `a${at}`));
  }
});

describe('Socket Mode', () => {
  it('gives each envelope to one connection only', async () => {
    const counts = [0, 0];
    for (const at of [0, 1])
      await connectBot(async ({ ack }) => {
        counts[at] = (counts[at] ?? 0) + 1;
        await ack();
      });
    for (let call = 0; call < 4; call += 1) await command(`lpar${call}`);
    expect(counts).toEqual([2, 2]);
    expect(slack.envelopes().filter(({ state }) => state === 'acked').length).toBe(4);
  });

  it('tells the person when nobody acknowledged within three seconds', async () => {
    await connectBot(() => Promise.resolve());
    const started = Date.now();
    await command('lpar1');
    expect(Date.now() - started).toBeLessThan(15_000);
    const last = (await messages()).at(-1);
    expect(last).toMatchObject({
      subtype: 'ephemeral',
      ephemeral_to: 'UALICE',
      text: '/rmc-status failed with the error "operation_timeout"',
    });
    expect(slack.envelopes().at(-1)?.state).toBe('too-late');
  });

  it('sends an event again that was not acknowledged', async () => {
    const attempts: unknown[] = [];
    const bot = await connectBot(() => Promise.resolve());
    bot.on('slack_event', ({ retry_num }: { retry_num?: number }) => attempts.push(retry_num));
    await control('POST', 'message', { channel: 'C0OPS', user: 'UALICE', text: 'hello' });
    await expect.poll(() => attempts, { timeout: 20_000 }).toEqual([undefined, 1]);
  });

  it('takes a trigger once, and not after three seconds', async () => {
    const triggers: string[] = [];
    await connectBot(async ({ body, ack }) => {
      await ack();
      triggers.push(textOf(body.trigger_id));
    });
    await command('');
    await command('');
    const view = {
      type: 'modal' as const,
      title: { type: 'plain_text' as const, text: 'Targets' },
      blocks: [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'a' } }],
    };
    const [first = '', second = ''] = triggers;
    expect((await web.views.open({ trigger_id: first, view })).ok).toBe(true);
    expect((await refusal(web.views.open({ trigger_id: first, view }))).error).toBe('exchanged_trigger_id');
    const long = { ...view, title: { type: 'plain_text' as const, text: 'A title that is far too long' } };
    expect((await refusal(web.views.open({ trigger_id: second, view: long }))).error).toBe(
      'invalid_arguments',
    );
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    expect((await refusal(web.views.open({ trigger_id: second, view }))).error).toBe('expired_trigger_id');
  });

  it('counts the uses of a response_url', async () => {
    let url = '';
    await connectBot(async ({ body, ack }) => {
      url = textOf(body.response_url);
      await ack();
    });
    await command('');
    const use = (): Promise<Response> =>
      fetch(url, { method: 'POST', body: JSON.stringify({ text: 'hi', response_type: 'ephemeral' }) });
    for (let call = 0; call < 5; call += 1) expect((await use()).status).toBe(200);
    expect(await (await use()).json()).toEqual({ ok: false, error: 'used_url' });
  });

  it('connects again after Slack has asked for it and after a cut', async () => {
    await connectBot(({ ack }) => ack());
    for (const kind of ['refresh-sockets', 'disconnect-sockets'] as const) {
      slack.faults({ kind });
      await expect.poll(() => slack.connections(), { timeout: 20_000, interval: 5 }).toBe(0);
      await expect.poll(() => slack.connections(), { timeout: 10_000 }).toBe(1);
    }
  });

  it('lets a typeahead be answered, in the page too', async () => {
    const option = { text: { type: 'plain_text', text: 'lpar07' }, value: 'lpar07' };
    const states: unknown[] = [];
    let trigger = '';
    await connectBot(async ({ body, ack }) => {
      if (body.type === 'block_suggestion') return ack({ options: [option] });
      if (body.type === 'view_submission') states.push(body.view);
      trigger = textOf(body.trigger_id);
      return ack();
    });
    await command('');
    const element = { type: 'external_select', action_id: 'targets', min_query_length: 0 };
    const view = {
      type: 'modal',
      callback_id: 'choose',
      title: { type: 'plain_text', text: 'Choose' },
      submit: { type: 'plain_text', text: 'Ask' },
      blocks: [{ type: 'input', block_id: 'b', label: { type: 'plain_text', text: 'Target' }, element }],
    };
    const opened = await web.apiCall('views.open', { trigger_id: trigger, view });
    expect(JSON.stringify(opened)).toContain('external_select');
    const suggested = await control('POST', 'suggest', { action_id: 'targets', block_id: 'b', value: 'lp' });
    expect(suggested.options).toEqual([option]);
    const page = new WebSocket(`${slack.url.replace('http', 'ws')}/ui`);
    const stack = await new Promise<unknown>((resolve) => {
      page.onmessage = (event) => {
        const { t, state } = JSON.parse(String(event.data)) as { t: string; state: Json };
        if (t === 'init') resolve(state.modalStack);
      };
    });
    expect(JSON.stringify(stack)).toContain('static_select');
    const values = { b: { targets: { type: 'static_select', selected_option: option } } };
    page.send(JSON.stringify({ t: 'view_submit', user: 'UALICE', values }));
    await expect.poll(() => states.length, { timeout: 20_000 }).toBe(1);
    page.close();
    expect(states[0]).toMatchObject({
      blocks: [{ element: { type: 'external_select' } }],
      state: { values: { b: { targets: { type: 'external_select', selected_option: option } } } },
    });
  });
});

describe('faults', () => {
  const post = (text: string): Promise<unknown> => web.chat.postMessage({ channel: 'D0ALICE', text });
  const texts = async (): Promise<string[]> => (await messages('D0ALICE')).map(({ text }) => textOf(text));

  it('asks for patience as often as it was told to', async () => {
    slack.faults({ method: 'chat.postMessage', kind: '429', times: 2, retryAfter: 7 });
    expect((await refusal(post('a'))).retryAfter).toBe(7);
    expect((await refusal(post('a'))).code).toBe('slack_webapi_rate_limited_error');
    await post('after 429');
    expect((await texts()).filter((text) => text === 'after 429').length).toBe(1);
  });

  it('carries out a call whose reply is lost', async () => {
    slack.faults({ method: 'chat.postMessage', kind: 'reply-lost' });
    expect((await refusal(post('lost reply'))).code).toBe('slack_webapi_request_error');
    expect(await texts()).toContain('lost reply');
  });

  it.each(['500', 'refuse', 'timeout'] as const)('does not carry out a call that meets %s', async (kind) => {
    await control('POST', 'faults', { method: 'chat.postMessage', kind });
    expect((await refusal(post(`never ${kind}`))).code).toMatch(/http_error|request_error/);
    expect(await texts()).not.toContain(`never ${kind}`);
    expect(slack.traffic('chat.postMessage').at(-1)?.fault).toBe(kind);
  });

  it('says what is wrong with an order that makes no sense', async () => {
    expect(await control('POST', 'faults', { kind: 'earthquake' })).toMatchObject({ ok: false });
  });

  it('lists what the bot called, without its token', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await post('seen');
    const { traffic } = await control('GET', 'traffic?method=chat.postMessage');
    const [record] = objectsIn(traffic);
    expect(record).toMatchObject({
      args: { channel: 'D0ALICE', text: 'seen' },
      status: 200,
      answer: { ok: true },
    });
    expect(JSON.stringify(traffic)).not.toContain(slack.botToken);
  });
});

describe('what the bot writes', () => {
  it('can be a file in a thread', async () => {
    const root = await web.chat.postMessage({ channel: 'C0OPS', text: 'root' });
    await web.filesUploadV2({
      channel_id: 'C0OPS',
      thread_ts: textOf(root.ts),
      filename: 'lssrc.txt',
      content: 'ctrmc rsct 12 active',
    });
    const file = (await messages()).find(({ thread_ts }) => thread_ts === root.ts);
    expect(file).toMatchObject({ subtype: 'file_share', files: [{ name: 'lssrc.txt' }] });
  });
});

describe('starting and stopping', () => {
  it('says that the port is taken and how to choose another', async () => {
    await expect(startLocalSlack({ folder, port: slack.port })).rejects.toThrow(
      `Port ${slack.port} is taken by another program. Stop it, or choose another: aixops demo --port ${slack.port + 1}.`,
    );
  });

  it.each([true, false])(
    'is whole with and without a network namespace of its own (%s)',
    async (isIsolated) => {
      const lines: string[] = [];
      const other = await startLocalSlack({
        folder: path.join(folder, `isolated-${isIsolated}`),
        port: 0,
        isIsolated,
        log: (line) => lines.push(line),
      });
      const writer = new WebClient(other.botToken, {
        slackApiUrl: other.apiUrl,
        retryConfig: { retries: 0 },
      });
      const { ts = '' } = await writer.chat.postMessage({ channel: 'C0OPS', text: 'a' });
      await writer.filesUploadV2({ channel_id: 'C0OPS', thread_ts: ts, filename: 'a.txt', content: 'bytes' });
      const { permalink = '' } = await writer.chat.getPermalink({ channel: 'C0OPS', message_ts: ts });
      // The page finds the message by its own address.
      const page = await fetch(permalink);
      expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/archives\/C0OPS\/p\d+$/);
      const completed = other.traffic('files.completeUploadExternal').at(-1)?.answer;
      const file = await fetch(textOf(objectsIn(completed?.files)[0]?.permalink));
      expect(await file.text()).toBe('bytes');
      await other.stop();
      expect(lines).toEqual([expect.stringMatching(isIsolated ? /namespace/ : /listens on port \d+ of all/)]);
    },
  );

  it.runIf(process.platform === 'linux')('listens on the loopback address only', async () => {
    const tables = await Promise.all(
      ['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readFile(table, 'utf8')),
    );
    const port = slack.port.toString(16).toUpperCase().padStart(4, '0');
    const listening = tables
      .join('\n')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${port}`) === true);
    expect(listening.map(([, local]) => local)).toEqual([`0100007F:${port}`]);
  });

  it('leaves nothing behind', async () => {
    // A folder for temporary files of its own: other tests use the common one at the same time.
    const temporary = await mkdtemp(path.join(folder, 'tmp-'));
    const { TMPDIR: common } = process.env;
    process.env['TMPDIR'] = temporary;
    const other = await startLocalSlack({ folder: path.join(folder, 'other'), port: 0 });
    const answer = await fetch(`${other.url}/_control/state`);
    expect(answer.status).toBe(200);
    expect(await readdir(temporary)).not.toEqual([]);
    await other.stop();
    if (common === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = common;
    expect(await readdir(temporary)).toEqual([]);
    const refused = await new Promise<boolean>((resolve) => {
      const socket = net.connect(other.port, '127.0.0.1');
      socket.once('connect', () => resolve(false));
      socket.once('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });
});
