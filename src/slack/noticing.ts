import { WebClientEvent, type WebClient } from '@slack/web-api';
import type { EntryKind, Observe } from '../core/observe.js';

/** As much of a delivery as is looked at here. */
interface Delivery {
  readonly body: Readonly<Record<string, unknown>>;
  readonly ack: (...answer: never[]) => Promise<void>;
}

/** A delivery whose acknowledgement is timed; `over` is called when nobody works on it any more. */
export interface Timed<T> {
  readonly event: T;
  readonly over: () => void;
}

/** Times how long Slack waits for the acknowledgement of a delivery that has just come in. */
export function timed<T extends Delivery>(event: T, observe: Observe): Timed<T> {
  const entry = kindOf(event.body);
  const startedAt = performance.now();
  let isTold = false;
  const tell = (outcome: 'acknowledged' | 'left' | 'unanswered'): void => {
    if (isTold) return;
    isTold = true;
    observe({ kind: 'slack-entry', entry, outcome, ms: performance.now() - startedAt });
  };
  const ack = async (...answer: never[]): Promise<void> => {
    try {
      await event.ack(...answer);
      tell('acknowledged');
    } catch (error) {
      tell('unanswered');
      throw error;
    }
  };
  return { event: { ...event, ack }, over: () => tell('left') };
}

/** Has each 429 of Slack's Web API noticed, by the method that it was the answer to. */
export function noticeLimits(client: WebClient, observe: Observe): WebClient {
  client.on(WebClientEvent.RATE_LIMITED, (_seconds: number, call: { url: string }) => {
    observe({ kind: 'slack-limited', method: call.url.split(/[/?]/).findLast((part) => part !== '') ?? '' });
  });
  return client;
}

const eventKinds: Readonly<Record<string, EntryKind>> = { app_mention: 'mention', app_home_opened: 'home' };
const bodyKinds: Readonly<Record<string, EntryKind>> = {
  block_actions: 'click',
  view_submission: 'form',
  block_suggestion: 'typeahead',
};

function kindOf(body: Delivery['body']): EntryKind {
  if (typeof body['command'] === 'string') return 'command';
  const event = body['event'];
  if (typeof event === 'object' && event !== null) return known(eventKinds, Reflect.get(event, 'type'));
  return known(bodyKinds, body['type']);
}

function known(kinds: Readonly<Record<string, EntryKind>>, name: unknown): EntryKind {
  return (typeof name === 'string' && Object.hasOwn(kinds, name) ? kinds[name] : undefined) ?? 'other';
}
