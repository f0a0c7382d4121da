import type { LocalSlack } from '../lab/slack/start-local-slack.js';
import type { Order } from './rolling-orders.js';

/** What became of something that a person did. */
export interface Done {
  /** How often it was tried: who is told that nothing was queued tries again. */
  readonly tries: number;
  /** How often Slack itself told the person that the app did not answer. */
  readonly unanswered: number;
  /** What was answered to this person alone, at the last try; null for nothing. */
  readonly told: string | null;
  /** The answers to all tries. */
  readonly said: readonly (string | null)[];
  /** Whether the last try was acknowledged. */
  readonly isTaken: boolean;
  /** Whether the person was told to look whether a card appears. */
  readonly isPerhaps: boolean;
}

/** Says that nothing happened and that it may be done again. */
const again = /Nothing was queued|Your click was not taken|Nothing was written|Click again/;
/** Says that it is not known what came of it: the person looks whether a card appears. */
const perhaps = /not known whether/;
const most = 40;
let deliveries = 0;

/** Types a command or a mention, and again where the answer says so or Slack tells that the app did not answer. */
export function ask(order: Order, slack: LocalSlack): Promise<Done> {
  // Slack itself sends an event again that was not acknowledged.
  return insisting(order.how === 'mention' ? 1 : most, async () => {
    deliveries += 1;
    const trigger = `t${deliveries}.1.rolling`;
    const team = { team_id: 'T0EXAMPLE', api_app_id: 'A0AIXOPS', token: 'x', trigger_id: trigger };
    const { user, channel, command, text } = order;
    if (order.how === 'command') {
      const place = { user_id: user, channel_id: channel };
      return deliver(slack, 'slash_commands', { ...team, ...place, command, text });
    }
    const ts = `17${String(deliveries).padStart(8, '0')}.000100`;
    const said = `<@U0AIXOPS> ${command.slice(1)} ${text}`;
    return deliver(slack, 'events_api', {
      ...{ ...team, type: 'event_callback', event_id: `Ev${deliveries}` },
      authorizations: [{ team_id: 'T0EXAMPLE', user_id: 'U0AIXOPS', is_bot: true }],
      event: { type: 'app_mention', user, channel, ts, text: said },
    });
  });
}

/** Presses Approve on a card. */
export function approve(
  card: { channel: string; ts: string; change: string },
  slack: LocalSlack,
): Promise<Done> {
  return insisting(most, async () => {
    deliveries += 1;
    const { channel, ts, change } = card;
    return deliver(slack, 'interactive', {
      ...{ type: 'block_actions', api_app_id: 'A0AIXOPS', token: 'x', team: { id: 'T0EXAMPLE' } },
      ...{ trigger_id: `t${deliveries}.1.rolling`, user: { id: 'UBOB' }, channel: { id: channel } },
      container: { type: 'message', message_ts: ts, channel_id: channel },
      message: { ts, text: 'card' },
      actions: [{ type: 'button', action_id: 'approve', block_id: 'decide', value: change }],
    });
  });
}

interface Tried {
  readonly isTaken: boolean;
  readonly told: string | null;
}

async function deliver(
  slack: LocalSlack,
  type: 'slash_commands' | 'interactive' | 'events_api',
  payload: Record<string, unknown>,
): Promise<Tried> {
  const answer = await slack.deliver(type, payload);
  const envelope = slack.envelopes().findLast((one) => one.payload.trigger_id === payload['trigger_id']);
  const text = typeof answer?.text === 'string' ? answer.text : null;
  return { isTaken: envelope?.state === 'acked', told: text };
}

async function insisting(atMost: number, act: () => Promise<Tried>): Promise<Done> {
  let unanswered = 0;
  const said: (string | null)[] = [];
  for (let tries = 1; ; tries += 1) {
    const { isTaken, told } = await act();
    if (!isTaken) unanswered += 1;
    said.push(told);
    const isOver = isTaken && (told === null || !again.test(told));
    if (isOver || tries === atMost)
      return { tries, unanswered, told, isTaken, said, isPerhaps: perhaps.test(told ?? '') };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
