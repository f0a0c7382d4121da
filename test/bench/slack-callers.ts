/** Slack's side of what people do: commands and clicks, over either door. */
import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { eventsPath } from '../../src/slack/manifest.js';
import type { LocalSlack } from '../lab/slack/start-local-slack.js';

/** What the bot answered: `ok` for the plain acknowledgement that a request was taken. */
export type Answer = 'ok' | 'lost' | { readonly wrong: string };

export interface Caller {
  readonly door: 'socket' | 'http';
  command(channel: string, command: string, text: string): Promise<Answer>;
  click(
    place: { channel: string; ts: string; threadTs: string },
    action: string,
    value: string,
  ): Promise<Answer>;
  close(): void;
}

const team = { id: 'T0EXAMPLE', domain: 'example-power' };
const person = { id: 'UALICE', name: 'alice', team_id: team.id };

/** Slack gives up after this. */
const patienceMs = 3_000;

/** Commands and clicks as envelopes on the bot's sockets. */
export function socketCaller(slack: LocalSlack): Caller {
  const send = async (type: 'slash_commands' | 'interactive', payload: object): Promise<Answer> => {
    const begunAt = performance.now();
    const answer = await slack.deliver(type, { ...payload });
    if (performance.now() - begunAt >= patienceMs - 10) return 'lost';
    const isPlain = answer === null || Object.keys(answer).length === 0;
    return isPlain ? 'ok' : { wrong: JSON.stringify(answer).slice(0, 300) };
  };
  return {
    door: 'socket',
    command: (channel, command, text) => send('slash_commands', commandOf(channel, command, text)),
    click: (place, action, value) => send('interactive', clickOf(place, action, value)),
    close: () => undefined,
  };
}

/** The same as signed requests to the bot's own port. */
export function httpCaller(slack: LocalSlack, port: number): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const send = (body: string): Promise<Answer> =>
    posted(body, { agent, port, secret: slack.signingSecret }).catch(() => 'lost' as const);
  return {
    door: 'http',
    command: (channel, command, text) => send(String(new URLSearchParams(commandOf(channel, command, text)))),
    click: (place, action, value) =>
      send(String(new URLSearchParams({ payload: JSON.stringify(clickOf(place, action, value)) }))),
    close: () => agent.destroy(),
  };
}

function posted(body: string, to: { agent: Agent; port: number; secret: string }): Promise<Answer> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', to.secret).update(`v0:${timestamp}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
  };
  const options = {
    host: '127.0.0.1',
    port: to.port,
    path: eventsPath,
    method: 'POST',
    agent: to.agent,
    headers,
  };
  return new Promise((resolve, reject) => {
    const call = request({ ...options, timeout: patienceMs }, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (part: string) => (said += part));
      response.once('end', () => {
        const isOk = response.statusCode === 200 && said === '';
        resolve(isOk ? 'ok' : { wrong: `${response.statusCode ?? 0} ${said.slice(0, 300)}` });
      });
    });
    call.once('timeout', () => call.destroy(new Error('no answer')));
    call.once('error', reject);
    call.end(body);
  });
}

function commandOf(channel: string, command: string, text: string): Record<string, string> {
  return {
    ...{ token: 'verification-token', team_id: team.id, team_domain: team.domain, api_app_id: 'A0AIXOPS' },
    ...{
      channel_id: channel,
      channel_name: channel.toLowerCase(),
      user_id: person.id,
      user_name: person.name,
    },
    ...{ command, text, is_enterprise_install: 'false', trigger_id: randomUUID() },
    response_url: 'http://127.0.0.1:9/none',
  };
}

function clickOf(
  { channel, ts, threadTs }: { channel: string; ts: string; threadTs: string },
  action: string,
  value: string,
): object {
  return {
    ...{ type: 'block_actions', team, user: person, api_app_id: 'A0AIXOPS', token: 'verification-token' },
    channel: { id: channel, name: channel.toLowerCase() },
    container: {
      type: 'message',
      message_ts: ts,
      channel_id: channel,
      thread_ts: threadTs,
      is_ephemeral: false,
    },
    message: { type: 'message', ts, thread_ts: threadTs, text: '', user: 'U0AIXOPS' },
    actions: [{ type: 'button', action_id: action, block_id: 'b', value, action_ts: ts }],
    ...{ trigger_id: randomUUID(), response_url: 'http://127.0.0.1:9/none' },
  };
}
