import { readMention } from './mention.js';
import type { FormState } from './form.js';
import type { Arrival } from './tools.js';

/** What Slack sent, before anything is believed of it. */
export type Payload = Readonly<Record<string, unknown>>;

/** Who, where and which delivery; null when Slack left out what everything depends on. */
function arrivalOf(
  payload: Payload,
  parts: Partial<Arrival>,
  envelopeId: string | undefined,
): Arrival | null {
  const { user, channel, threadTs = null } = parts;
  const delivery = textAt(payload, 'event_id') ?? textAt(payload, 'trigger_id') ?? envelopeId;
  if (delivery === undefined || user === undefined || channel === undefined) return null;
  const teamId = textAt(payload, 'team_id') ?? textAt(payload, 'team', 'id') ?? '';
  return { key: `slack:${delivery}`, teamId, user, channel, threadTs };
}

export interface CommandPayload {
  readonly arrival: Arrival;
  readonly command: string;
  readonly text: string;
  readonly triggerId: string;
}

/** A slash command. */
export function readCommand(payload: Payload, envelopeId?: string): CommandPayload | null {
  const parts = { user: textAt(payload, 'user_id'), channel: textAt(payload, 'channel_id') };
  const arrival = arrivalOf(payload, defined(parts), envelopeId);
  const command = textAt(payload, 'command');
  if (arrival === null || command === undefined) return null;
  const triggerId = textAt(payload, 'trigger_id') ?? '';
  return { arrival, command, text: textAt(payload, 'text') ?? '', triggerId };
}

export interface MentionPayload {
  readonly arrival: Arrival;
  readonly command: string;
  readonly text: string;
  /** The thread that it was written in; null when it stands in the channel and its answer will start a thread. */
  readonly inThread: string | null;
}

/** A mention of the bot by a person; null for what bots write, so that two of them cannot talk for ever. */
export function readMentionEvent(
  payload: Payload,
  botUser: string | null,
  envelopeId?: string,
): MentionPayload | null {
  const user = textAt(payload, 'event', 'user');
  const isBot =
    textAt(payload, 'event', 'bot_id') !== undefined || textAt(payload, 'event', 'subtype') === 'bot_message';
  if (isBot || user === undefined || user === botUser) return null;
  const inThread = textAt(payload, 'event', 'thread_ts') ?? null;
  const threadTs = inThread ?? textAt(payload, 'event', 'ts') ?? null;
  const parts = { user, channel: textAt(payload, 'event', 'channel'), threadTs };
  const arrival = arrivalOf(payload, defined(parts), envelopeId);
  if (arrival === null) return null;
  return { arrival, inThread, ...readMention(textAt(payload, 'event', 'text') ?? '', botUser) };
}

/** The bot's own user id, as Slack says it with each event. */
export function botUserOf(payload: Payload): string | null {
  const authorizations = payload['authorizations'];
  const first: unknown = Array.isArray(authorizations) ? authorizations[0] : undefined;
  return textAt(recordOf(first), 'user_id') ?? null;
}

export interface ClickPayload {
  /** `channel` is '' where the button stands on a Home tab or in a form. */
  readonly arrival: Arrival;
  readonly surface: 'message' | 'home' | 'form';
  readonly action: string;
  readonly value: string;
  readonly inThread: string | null;
  readonly triggerId: string;
  /** Where Slack takes what is to stand in place of the message. */
  readonly responseUrl: string | null;
  /** Of the Home tab or form that the button stands on; '' for a message. */
  readonly viewId: string;
  readonly metadata: string;
}

/** A click on a button; null for what else happens inside a form. */
export function readClick(payload: Payload, envelopeId?: string): ClickPayload | null {
  const actions = payload['actions'];
  const action = recordOf(Array.isArray(actions) ? actions[0] : undefined);
  const surface = surfaceOf(payload);
  if (surface !== 'message' && textAt(action, 'type') !== 'button') return null;
  const inThread =
    textAt(payload, 'container', 'thread_ts') ?? textAt(payload, 'message', 'thread_ts') ?? null;
  const messageTs = textAt(payload, 'message', 'ts') ?? textAt(payload, 'container', 'message_ts') ?? null;
  const inChannel = textAt(payload, 'channel', 'id') ?? textAt(payload, 'container', 'channel_id');
  const channel = surface === 'message' ? inChannel : '';
  const parts = { user: textAt(payload, 'user', 'id'), channel, threadTs: inThread ?? messageTs };
  const arrival = arrivalOf(payload, defined(parts), envelopeId);
  const name = textAt(action, 'action_id');
  if (arrival === null || name === undefined) return null;
  return {
    ...{ arrival, surface, inThread, action: name, value: textAt(action, 'value') ?? '' },
    triggerId: textAt(payload, 'trigger_id') ?? '',
    responseUrl: textAt(payload, 'response_url') ?? null,
    viewId: textAt(payload, 'view', 'id') ?? textAt(payload, 'container', 'view_id') ?? '',
    metadata: textAt(payload, 'view', 'private_metadata') ?? '',
  };
}

function surfaceOf(payload: Payload): ClickPayload['surface'] {
  if (textAt(payload, 'container', 'type') !== 'view') return 'message';
  return textAt(payload, 'view', 'type') === 'home' ? 'home' : 'form';
}

/** Whose Home tab was opened; null for the tab of messages, and for what says nothing of the kind. */
export function readHomeOpened(payload: Payload): { readonly user: string; readonly key: string } | null {
  const user = textAt(payload, 'event', 'user');
  if (user === undefined || textAt(payload, 'event', 'tab') === 'messages') return null;
  return { user, key: `slack:${textAt(payload, 'event_id') ?? 'home'}` };
}

export interface FormPayload {
  readonly user: string;
  readonly viewId: string;
  /** Which form of ours it is. */
  readonly formId: string;
  readonly metadata: string;
  readonly state: FormState;
  /** Puts the place that the form was opened from to who submitted it. */
  readonly arrival: (place: { channel: string; threadTs: string | null }) => Arrival | null;
}

/** A submitted form. */
export function readForm(payload: Payload, envelopeId?: string): FormPayload | null {
  const user = textAt(payload, 'user', 'id');
  const viewId = textAt(payload, 'view', 'id');
  if (user === undefined || viewId === undefined) return null;
  const view = recordOf(payload['view']);
  const state = recordOf(recordOf(view['state'])['values']) as FormState;
  const metadata = textAt(view, 'private_metadata') ?? '';
  return {
    user,
    viewId,
    formId: textAt(view, 'callback_id') ?? '',
    metadata,
    state,
    arrival: (place) => arrivalOf(payload, { user, ...place }, envelopeId),
  };
}

export interface TypeaheadPayload {
  readonly user: string;
  readonly blockId: string;
  readonly typed: string;
  readonly metadata: string;
}

/** What somebody has typed so far into a typeahead of a form. */
export function readTypeahead(payload: Payload): TypeaheadPayload | null {
  const user = textAt(payload, 'user', 'id');
  const blockId = textAt(payload, 'block_id');
  if (user === undefined || blockId === undefined) return null;
  const metadata = textAt(payload, 'view', 'private_metadata') ?? '';
  return { user, blockId, typed: textAt(payload, 'value') ?? '', metadata };
}

function textAt(payload: Payload, ...path: string[]): string | undefined {
  const last = path.pop() ?? '';
  const place = path.reduce<Payload>((at, key) => recordOf(at[key]), payload);
  const value = place[last];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function recordOf(value: unknown): Payload {
  return typeof value === 'object' && value !== null ? (value as Payload) : {};
}

function defined(parts: Readonly<Record<string, string | null | undefined>>): Partial<Arrival> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
