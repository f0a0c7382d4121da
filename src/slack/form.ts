import type { InputBlock, ModalView, PlainTextOption } from '@slack/types';
import { commands, findCommand, matching } from '../../commands/index.js';
import type { Argument, Command, Vocabulary } from '../../commands/command.js';
import type { Reach } from './reach.js';
import { plain } from './views/text.js';

/** Where the answers of a form go: all that its `private_metadata` holds. */
export interface FormPlace {
  readonly command: string;
  readonly channel: string;
  readonly threadTs: string | null;
}

export const formId = 'ask';
/** The `action_id` of every typeahead. */
export const pickAction = 'pick';
const typeAction = 'type';

/** Slack takes at most 100 options, and 150 characters in a value. */
const mostOptions = 100;
const longestValue = 150;

/**
 * The form for a command that was given nothing: for each argument something to pick from, and for what is needed a
 * line to type into as well, because a list from a ticket is pasted, and some clients draw no typeahead.
 */
export function formView(
  command: Command,
  place: FormPlace,
  vocabulary: Vocabulary,
  offers: Reach['offers'],
): ModalView {
  const args = Object.entries(command.args);
  return {
    type: 'modal',
    callback_id: formId,
    private_metadata: JSON.stringify(place),
    title: { type: 'plain_text', text: plain(command.name, 24) },
    submit: { type: 'plain_text', text: 'Ask' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      ...args.flatMap(([name, argument]) => fieldsOf(name, argument, vocabulary, offers)),
      ...phrasesOf(command).map(([name, option]) => phraseField(name, option)),
    ],
  };
}

function fieldsOf(
  name: string,
  argument: Argument<unknown>,
  vocabulary: Vocabulary,
  offers: Reach['offers'],
): InputBlock[] {
  const label = argument.usage.replace(/[<>[\]]/g, '');
  const shown = label.charAt(0).toUpperCase() + label.slice(1);
  if (argument.isNeeded) return [typeahead(name, shown, argument), typed(name, argument)];
  const choices = argument.choices(vocabulary).filter(({ word }) => offers(word));
  const options = choices.slice(0, mostOptions).flatMap(optionOf);
  if (options.length === 0) return [];
  return [
    {
      type: 'input',
      block_id: `pick-${name}`,
      optional: true,
      label: { type: 'plain_text', text: `${shown} (may be left out)` },
      element: { type: 'static_select', action_id: pickAction, options },
    },
  ];
}

/** Options whose value is free text: the policy may want them, so the form has a line for each. */
function phrasesOf(command: Command): readonly (readonly [string, Command['options'][string]])[] {
  return Object.entries(command.options).filter(([, { takes }]) => takes !== undefined);
}

function phraseField(name: string, { does, takes }: Command['options'][string]): InputBlock {
  const label = `${name.charAt(0).toUpperCase()}${name.slice(1)} (where the policy wants one)`;
  return {
    type: 'input',
    block_id: `type-${name}`,
    optional: true,
    label: { type: 'plain_text', text: plain(label, 150) },
    hint: { type: 'plain_text', text: plain(`${does}.`, 150) },
    element: {
      type: 'plain_text_input',
      action_id: typeAction,
      multiline: takes === 'phrase',
      max_length: 300,
    },
  };
}

function typeahead(name: string, label: string, argument: Argument<unknown>): InputBlock {
  const placeholder = { type: 'plain_text' as const, text: 'Begin to type a name' };
  const shared = { action_id: pickAction, min_query_length: 0, placeholder };
  return {
    type: 'input',
    block_id: `pick-${name}`,
    // One of the two fields is enough, which Slack cannot check: both are optional here, and read together.
    optional: true,
    label: { type: 'plain_text', text: label },
    element: argument.takesAll
      ? { type: 'multi_external_select', ...shared }
      : { type: 'external_select', ...shared },
  };
}

function typed(name: string, argument: Argument<unknown>): InputBlock {
  return {
    type: 'input',
    block_id: `type-${name}`,
    optional: true,
    label: { type: 'plain_text', text: argument.takesAll ? 'Or type them' : 'Or type it' },
    hint: { type: 'plain_text', text: plain(argument.explains, 150) },
    element: { type: 'plain_text_input', action_id: typeAction, max_length: 2_000 },
  };
}

/**
 * The command that a form's typeahead belongs to: the one that opened the form, or, where Slack does not say which
 * form it is, the first with such an argument.
 */
export function commandOfField(metadata: string, blockId: string): Command | null {
  const place = readPlace(metadata);
  if (place !== null) return findCommand(place.command);
  return commands.find((one) => Object.hasOwn(one.args, argumentOf(blockId))) ?? null;
}

/** What a typeahead shows for what was typed so far. */
export function suggestions(
  command: Command,
  field: { readonly blockId: string; readonly typed: string },
  vocabulary: Vocabulary,
  offers: Reach['offers'],
): PlainTextOption[] {
  const argument = ownValue(command.args, argumentOf(field.blockId));
  if (argument === undefined) return [];
  const choices = argument.choices(vocabulary).filter(({ word }) => offers(word));
  return matching(choices, field.typed, mostOptions).flatMap(optionOf);
}

function argumentOf(blockId: string): string {
  return blockId.replace(/^pick-/, '');
}

function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** None for a word that is too long for Slack: it can still be typed. */
function optionOf({ word, about }: { word: string; about: string }): PlainTextOption[] {
  if (word.length > longestValue) return [];
  const text = { type: 'plain_text' as const, text: plain(word, 75) };
  return [
    about === ''
      ? { text, value: word }
      : { text, value: word, description: { type: 'plain_text', text: plain(about, 75) } },
  ];
}

/** What Slack says of one field; every kind of element fills another key. */
export interface FieldState {
  readonly value?: string | null | undefined;
  readonly selected_option?: { readonly value?: string | undefined } | null | undefined;
  readonly selected_date?: string | null | undefined;
  readonly selected_options?: readonly { readonly value?: string | undefined }[] | null | undefined;
}

export type FormState = Readonly<Record<string, Readonly<Record<string, FieldState>>>>;

/** A filled form as the text that would have been typed: it is then read in the same one way. */
export function formText(command: Command, state: FormState): string {
  const words = Object.keys(command.args).flatMap((name) => {
    const picked = state[`pick-${name}`]?.[pickAction];
    const single = picked?.selected_option?.value;
    const many = (picked?.selected_options ?? []).map((option) => option.value ?? '');
    const typedWords = state[`type-${name}`]?.[typeAction]?.value ?? '';
    return [...(single === undefined ? [] : [single]), ...many, typedWords];
  });
  const phrases = phrasesOf(command).flatMap(([name]) => {
    const text = state[`type-${name}`]?.[typeAction]?.value?.trim() ?? '';
    return text === '' ? [] : [`--${name} "${text.replaceAll('"', "'")}"`];
  });
  return [...words, ...phrases]
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .join(' ');
}

/** The block under which an error of this form is shown: the line to type into, or the first there is. */
export function errorBlock(command: Command): string {
  const needed = Object.entries(command.args).find(([, argument]) => argument.isNeeded);
  return needed === undefined ? `pick-${Object.keys(command.args)[0] ?? ''}` : `type-${needed[0]}`;
}

/** Reads `private_metadata`; null when it is not one of ours. */
export function readPlace(metadata: string): FormPlace | null {
  try {
    const value: unknown = JSON.parse(metadata);
    if (typeof value !== 'object' || value === null) return null;
    const { command, channel, threadTs } = value as Record<string, unknown>;
    if (typeof command !== 'string' || typeof channel !== 'string') return null;
    return { command, channel, threadTs: typeof threadTs === 'string' ? threadTs : null };
  } catch {
    return null;
  }
}
