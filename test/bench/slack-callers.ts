/** Slack's side of what people do: commands and clicks, over either door. */
import { randomUUID } from 'node:crypto';
import type { LocalSlack } from '../lab/slack/start-local-slack.js';
import { openLoop, type Sent } from './pacer.js';
import { openPoster, patienceMs, type Answer } from './signed-posts.js';
import { postedByThread } from './signed-thread.js';

export type { Answer };

export interface Command {
  readonly channel: string;
  readonly command: string;
  readonly text: string;
}

export interface Caller {
  readonly door: 'socket' | 'http';
  command(channel: string, command: string, text: string): Promise<Answer>;
  /** Commands at fixed times, whether or not those before were answered. */
  commands(perSecond: number, all: readonly Command[]): Promise<readonly Sent<Answer>[]>;
  click(
    place: { channel: string; ts: string; threadTs: string },
    action: string,
    value: string,
  ): Promise<Answer>;
  close(): void;
}

const team = { id: 'T0EXAMPLE', domain: 'example-power' };
const person = { id: 'UALICE', name: 'alice', team_id: team.id };

/** Commands and clicks as envelopes on the bot's sockets. */
export function socketCaller(slack: LocalSlack): Caller {
  const send = async (type: 'slash_commands' | 'interactive', payload: object): Promise<Answer> => {
    const begunAt = performance.now();
    const answer = await slack.deliver(type, { ...payload });
    if (performance.now() - begunAt >= patienceMs - 10) return 'lost';
    const isPlain = answer === null || Object.keys(answer).length === 0;
    return isPlain ? 'ok' : { wrong: JSON.stringify(answer).slice(0, 300) };
  };
  const command: Caller['command'] = (channel, name, text) =>
    send('slash_commands', commandOf(channel, name, text));
  return {
    door: 'socket',
    command,
    commands: (perSecond, all) =>
      openLoop({ perSecond, count: all.length }, (n) => {
        const { channel, command: name, text } = all[n] ?? nothing;
        return command(channel, name, text);
      }),
    click: (place, action, value) => send('interactive', clickOf(place, action, value)),
    close: () => undefined,
  };
}

const nothing: Command = { channel: '', command: '', text: '' };

/**
 * The same as signed requests to the bot's own port. Many of them are sent from a thread of their own: this one is Slack
 * and the lab besides, and what they keep it busy with is not to be taken for the bot's.
 */
export function httpCaller({ signingSecret: secret }: LocalSlack, port: number): Caller {
  const poster = openPoster({ port, secret });
  const bodyOf = ({ channel, command, text }: Command): string =>
    String(new URLSearchParams(commandOf(channel, command, text)));
  return {
    door: 'http',
    command: (channel, command, text) => poster.post(bodyOf({ channel, command, text })),
    commands: (perSecond, all) => postedByThread({ port, secret, perSecond, bodies: all.map(bodyOf) }),
    click: (place, action, value) =>
      poster.post(String(new URLSearchParams({ payload: JSON.stringify(clickOf(place, action, value)) }))),
    close: () => poster.close(),
  };
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
