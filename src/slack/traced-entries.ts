import { findCommand } from '../../commands/index.js';
import type { Span, SpanAttributes, Tracing } from '../core/tracing.js';
import { withLogFields } from '../log-fields.js';
import type { Acknowledged, Entries } from './entries.js';
import { botUserOf, readMentionEvent, type Payload } from './payloads.js';

/**
 * The same entries, each delivery in a trace of its own that its job and its change go on with, and with who caused it
 * in each line of the log. A span says which command, button or form it was: never who, and never what was typed.
 */
export function tracedEntries(entries: Entries, tracing: Tracing): Entries {
  const within = <T>(
    name: string,
    payload: Payload,
    attributes: SpanAttributes,
    work: () => Promise<T>,
  ): Promise<T> =>
    withLogFields(actorOf(payload), () =>
      tracing.span(name, { kind: 'server', attributes }, async (span) => told(span, await work())),
    );
  return {
    command: (payload, envelopeId) =>
      within('slack command', payload, commandNamed(payload['command']), () =>
        entries.command(payload, envelopeId),
      ),
    mention: (payload, envelopeId) =>
      within('slack mention', payload, commandNamed(mentioned(payload)), () =>
        entries.mention(payload, envelopeId),
      ),
    click: (payload, envelopeId) =>
      within('slack click', payload, { 'aixops.action': clicked(payload) }, () =>
        entries.click(payload, envelopeId),
      ),
    form: (payload, envelopeId) =>
      within('slack form', payload, { 'aixops.form': ours(fieldOf(payload['view'], 'callback_id')) }, () =>
        entries.form(payload, envelopeId),
      ),
    // Looking causes nothing.
    typeahead: (payload) => entries.typeahead(payload),
    homeOpened: (payload) => entries.homeOpened(payload),
  };
}

/** Slack may deliver to two processes: the one that does not answer says so. */
function told<T>(span: Span, answer: T | Acknowledged<unknown>): T {
  if (answer === null) span.set({ 'aixops.outcome': 'answered elsewhere' });
  return answer as T;
}

function actorOf(payload: Payload): Record<string, string> {
  const user = payload['user_id'] ?? fieldOf(payload['user'], 'id') ?? fieldOf(payload['event'], 'user');
  return typeof user === 'string' ? { actor: user } : {};
}

function commandNamed(word: unknown): SpanAttributes {
  return { 'aixops.command': (typeof word === 'string' ? findCommand(word)?.name : undefined) ?? 'unknown' };
}

function mentioned(payload: Payload): string | undefined {
  return readMentionEvent(payload, botUserOf(payload))?.command;
}

function clicked(payload: Payload): string {
  const actions = payload['actions'];
  return ours(fieldOf(Array.isArray(actions) ? actions[0] : undefined, 'action_id'));
}

/** Names of our buttons and forms are short words; what else stands there is not of us. */
function ours(name: unknown): string {
  return typeof name === 'string' && /^[a-z][a-z:-]{0,40}$/.test(name) ? name : 'unknown';
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
