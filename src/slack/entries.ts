import type { HomeView, ModalView, PlainTextOption } from '@slack/types';
import { findCommand } from '../../commands/index.js';
import { usageOf } from '../../commands/command.js';
import type { Message } from '../core/message.js';
import { askerOf } from '../core/request.js';
import { demandSubmitted, isDemandForm, openDemand } from './approval-form.js';
import { ask } from './ask.js';
import { attempt } from './attempt.js';
import { pressed } from './buttons.js';
import { digestSubmit, isDigestForm, readDigestPlace } from './digest-form.js';
import { codeFormId, codeSubmitted } from './glass-code.js';
import { closeFormId, closeFormSubmitted } from './close-form.js';
import {
  commandOfField,
  errorBlock,
  formId,
  formText,
  formView,
  readPlace,
  suggestions,
  type FormPlace,
} from './form.js';
import { publishHome, refreshHome } from './home-entry.js';
import {
  botUserOf,
  readClick,
  readCommand,
  readForm,
  readHomeOpened,
  readMentionEvent,
  readTypeahead,
  type CommandPayload,
  type FormPayload,
  type Payload,
} from './payloads.js';
import { say, sentences } from './sentences.js';
import type { PrivateReply, Reply, SlackLog, SlackTools } from './tools.js';
import type { DigestForm } from './views/digest-modal.js';
import { viewClick } from './view-click.js';
import { clip } from './views/text.js';

export interface EntryTools {
  readonly tools: SlackTools;
  readonly log: SlackLog;
  /** Opens a form; rejects when Slack did not. */
  readonly openForm: (triggerId: string, view: ModalView) => Promise<void>;
  /** Draws a form anew; rejects when Slack did not. */
  readonly updateForm: (viewId: string, view: ModalView) => Promise<void>;
  /** Draws a person's Home tab; rejects when Slack did not. */
  readonly publish: (user: string, view: HomeView) => Promise<void>;
  /** Puts a message in the place of a private one, by the address that came with its button; rejects likewise. */
  readonly replace: (responseUrl: string, message: Message) => Promise<void>;
  /** The address of a message of ours; null where Slack tells none. */
  readonly permalink: (channel: string, ts: string) => Promise<string | null>;
  /** Why nothing can be shown in Slack at the moment, in a sentence that says what to mend; null where it can. */
  readonly unanswerable?: () => string | null;
  /** The way to one person that needs no store: used only where the outbox does not take the reply. */
  readonly whisper: (reply: PrivateReply) => Promise<void>;
}

/** How to acknowledge; null for "not at all", because another process does. */
export type Acknowledged<T> = { readonly body: T | undefined } | null;

export interface Whispered {
  readonly response_type: 'ephemeral';
  readonly text: string;
  readonly blocks: Message['blocks'][number][];
}

export interface FormErrors {
  readonly response_action: 'errors';
  readonly errors: Record<string, string>;
}

/** What is done with each kind of delivery. Nothing here rejects, and each answer is for one acknowledgement. */
export interface Entries {
  command(payload: Payload, envelopeId?: string): Promise<Acknowledged<Whispered>>;
  mention(payload: Payload, envelopeId?: string): Promise<void>;
  click(payload: Payload, envelopeId?: string): Promise<Acknowledged<never>>;
  form(payload: Payload, envelopeId?: string): Promise<Acknowledged<FormErrors>>;
  typeahead(payload: Payload): Promise<PlainTextOption[]>;
  homeOpened(payload: Payload): Promise<void>;
}

const silent = { body: undefined } as const;

/** The entries of one bot process. */
export function createEntries(entry: EntryTools): Entries {
  const { tools, log } = entry;
  return {
    command: async (payload, envelopeId) => {
      const read = readCommand(payload, envelopeId);
      if (read === null) return incomplete(log, 'command');
      const asked = { command: read.command, text: read.text, canOpenForm: true };
      const reply = await ask(read.arrival, asked, tools, log);
      const last =
        reply.kind === 'form'
          ? await opened(read, entry)
          : reply.kind === 'ask'
            ? await openDemand(reply, { ...read, threadTs: read.arrival.threadTs }, entry)
            : reply;
      if (last.kind === 'repeated') return null;
      return last.kind === 'private' ? { body: whispered(last.message) } : takenAlone(entry);
    },
    mention: async (payload, envelopeId) => {
      const read = readMentionEvent(payload, botUserOf(payload), envelopeId);
      if (read === null) return;
      const asked = { command: read.command, text: read.text, canOpenForm: false };
      const reply = await ask(read.arrival, asked, tools, log);
      await tellAlone(reply, { ...read.arrival, threadTs: read.inThread }, entry);
    },
    click: async (payload, envelopeId) => {
      const read = readClick(payload, envelopeId);
      // Picking from a list inside a form is reported like a click, and needs no answer.
      if (read === null) return silent;
      const isView = read.surface !== 'message';
      const reply = isView ? await viewClick(read, entry) : await pressed(read, entry);
      if (reply.kind === 'repeated') return null;
      if (isView) return silent;
      await tellAlone(reply, { ...read.arrival, threadTs: read.inThread }, entry);
      // Nobody waits for it: the acknowledgement is not to be late.
      void refreshHome(read.arrival.user, { entry, reference: read.arrival.key });
      return silent;
    },
    homeOpened: (payload) => {
      const read = readHomeOpened(payload);
      if (read !== null) void publishHome(read.user, null, { entry, reference: read.key });
      return Promise.resolve();
    },
    form: async (payload, envelopeId) => {
      const read = readForm(payload, envelopeId);
      const answer = await submitted(read, entry);
      if (answer?.body === undefined && read !== null)
        void refreshHome(read.user, { entry, reference: read.viewId });
      return answer;
    },
    typeahead: (payload) => suggested(payload, entry),
  };
}

/** What was taken is told by its card. Where no card can be posted, the acknowledgement is the only way to say so. */
function takenAlone({ unanswerable }: EntryTools): Acknowledged<Whispered> {
  const problem = unanswerable?.() ?? null;
  if (problem === null) return silent;
  const said = say(`${sentences.takenUnanswered} ${problem}`);
  return said.kind === 'private' ? { body: whispered(said.message) } : silent;
}

function incomplete(log: SlackLog, what: string): typeof silent {
  log.warn({ what }, 'a delivery from Slack lacked what everything depends on');
  return silent;
}

/** A form that is none of ours, or does not remember what it was for: said under the first field that came with it. */
function unknownForm(read: FormPayload | null, log: SlackLog): Acknowledged<FormErrors> {
  const [field] = Object.keys(read?.state ?? {});
  const nothing = incomplete(log, 'form');
  return field === undefined
    ? nothing
    : { body: { response_action: 'errors', errors: { [field]: sentences.goneForm } } };
}

/** Opens the form at once: the trigger lives for three seconds. Where that fails, the line to type is told instead. */
async function opened({ arrival, command, triggerId }: CommandPayload, entry: EntryTools): Promise<Reply> {
  const found = findCommand(command);
  if (found === null) return say(sentences.noForm);
  const place: FormPlace = { command: found.name, channel: arrival.channel, threadTs: arrival.threadTs };
  try {
    const { offers } = await entry.tools.reach(askerOf(arrival), found);
    await entry.openForm(triggerId, formView(found, place, entry.tools.vocabulary(), offers));
    return { kind: 'done' };
  } catch (error) {
    entry.log.warn({ err: error, reference: arrival.key }, 'a form could not be opened');
    return say(`${sentences.noForm} ${usageOf(found)}`);
  }
}

async function closed(read: FormPayload, entry: EntryTools): Promise<Acknowledged<FormErrors>> {
  const submission = isDemandForm(read.formId)
    ? await demandSubmitted(read, read.formId, entry)
    : await (read.formId === codeFormId ? codeSubmitted : closeFormSubmitted)(read, entry);
  if (submission.kind === 'repeated') return null;
  if (submission.kind === 'incomplete') return unknownForm(read, entry.log);
  if (submission.kind === 'errors') return { body: { response_action: 'errors', errors: submission.errors } };
  const { channel, threadTs } = submission.place;
  await tellAlone(submission.reply, { channel, threadTs, user: read.user }, entry);
  return silent;
}

async function submitted(read: FormPayload | null, entry: EntryTools): Promise<Acknowledged<FormErrors>> {
  const { tools, log } = entry;
  if (read !== null && ([closeFormId, codeFormId].includes(read.formId) || isDemandForm(read.formId)))
    return closed(read, entry);
  if (read !== null && isDigestForm(read.formId)) return digestSubmitted(read, read.formId, { tools, log });
  const place = read === null || read.formId !== formId ? null : readPlace(read.metadata);
  const arrival = place === null ? null : (read?.arrival(place) ?? null);
  const command = place === null ? null : findCommand(place.command);
  if (read === null || arrival === null || command === null) return unknownForm(read, log);
  const text = formText(command, read.state);
  const asked = { command: command.name, text, canOpenForm: false, claim: `form:${read.viewId}` };
  const reply = await ask(arrival, asked, tools, log);
  if (reply.kind === 'repeated') return null;
  if (reply.kind !== 'private') return silent;
  // Shown as plain text under the field; Slack does not say how long it may be.
  const errors = { [errorBlock(command)]: clip(reply.plain, 600) };
  return { body: { response_action: 'errors', errors } };
}

async function digestSubmitted(
  read: FormPayload,
  form: DigestForm,
  { tools, log }: Pick<EntryTools, 'tools' | 'log'>,
): Promise<Acknowledged<FormErrors>> {
  const place = readDigestPlace(read.metadata);
  const arrival = place === null ? null : read.arrival(place);
  if (place === null || arrival === null) return unknownForm(read, log);
  const { state, viewId } = read;
  const done = await digestSubmit(form, { arrival, place, state, viewId }, { tools, log });
  if (done.kind === 'repeated') return null;
  if (done.kind === 'done') return silent;
  return { body: { response_action: 'errors', errors: { [done.field]: clip(done.sentence, 600) } } };
}

/** The inventory is shown only to those who may use the command. Nothing is offered where that is not known. */
async function suggested(payload: Payload, { tools, log }: EntryTools): Promise<PlainTextOption[]> {
  const read = readTypeahead(payload);
  const command = read === null ? null : commandOfField(read.metadata, read.blockId);
  if (read === null || command === null || command.action === 'help') return [];
  const tried = await attempt('typeahead', { log, reference: read.blockId }, async () => {
    const who = { user: read.user, channel: readPlace(read.metadata)?.channel ?? null };
    const { isOpen, offers } = await tools.reach(who, command);
    return isOpen ? suggestions(command, read, tools.vocabulary(), offers) : [];
  });
  return tried.kind === 'done' ? tried.value : [];
}

/** Tells one person, through the outbox where it takes the reply, and directly where it does not. */
async function tellAlone(reply: Reply, to: Omit<PrivateReply, 'message'>, entry: EntryTools): Promise<void> {
  if (reply.kind !== 'private') return;
  const { channel, user, threadTs } = to;
  const letter: PrivateReply = { channel, user, threadTs, message: reply.message };
  const reference = `${channel}/${user}`;
  const told = await attempt('tell', { log: entry.log, reference }, () => entry.tools.tell(letter));
  if (told.kind === 'done') return;
  await attempt('whisper', { log: entry.log, reference }, () => entry.whisper(letter));
}

function whispered(message: Message): Whispered {
  return { response_type: 'ephemeral', text: message.text, blocks: [...message.blocks] };
}
