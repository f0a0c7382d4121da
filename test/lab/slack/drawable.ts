import { randomBytes } from 'node:crypto';
import { isJson, objectsIn, textOf, type Json } from './json.js';

/** Asks the bot for the options of a typeahead, as Slack does while somebody types. */
export type Suggest = (question: {
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string;
}) => Promise<Json[]>;

/** Blocks with the ids that Slack gives to those that came without. */
export function withIds(blocks: unknown): unknown {
  if (!Array.isArray(blocks)) return blocks;
  return blocks.map((block: unknown) => {
    if (!isJson(block)) return block;
    const named: Json = { ...block, block_id: block.block_id ?? newId() };
    if (isJson(block.element)) named.element = withActionId(block.element);
    if (isJson(block.accessory)) named.accessory = withActionId(block.accessory);
    if (block.type === 'actions' && Array.isArray(block.elements))
      named.elements = block.elements.map((element: unknown) =>
        isJson(element) ? withActionId(element) : element,
      );
    return named;
  });
}

function withActionId(element: Json): Json {
  return element.type === 'image' ? element : { ...element, action_id: element.action_id ?? newId() };
}

function newId(): string {
  return randomBytes(4).toString('base64url');
}

/**
 * Makes modals fit for the page and brings them back for the bot. The page draws no typeahead and no multi-select,
 * and sends nothing for a field that nobody touched: typeaheads become plain selects (with what the bot suggests for
 * an empty query), multi-selects checkboxes, and at submission everything is given back as Slack would.
 */
export class Drawable {
  readonly #originals = new Map<string, Json>();

  async view(view: Json, suggest: Suggest): Promise<Json> {
    const blocks = withIds(view.blocks);
    if (!Array.isArray(blocks)) return view;
    const drawn = await Promise.all(
      blocks.map(async (block: unknown) => {
        if (!isJson(block) || !isJson(block.element)) return block;
        this.#originals.set(keyOf(view, block, block.element), block);
        return { ...block, element: await drawnElement(block.element, textOf(block.block_id), suggest) };
      }),
    );
    return { ...view, blocks: drawn };
  }

  /** A view as the bot knows it, with the state that Slack would send. */
  original(view: Json): Json {
    if (!Array.isArray(view.blocks)) return view;
    const blocks = view.blocks.map((block: unknown) => {
      if (!isJson(block) || !isJson(block.element)) return block;
      return this.#originals.get(keyOf(view, block, block.element)) ?? block;
    });
    const state = isJson(view.state) && isJson(view.state.values) ? view.state.values : null;
    if (state === null) return { ...view, blocks };
    return { ...view, blocks, state: { values: originalState(blocks, state) } };
  }
}

function keyOf(view: Json, block: Json, element: Json): string {
  return JSON.stringify([view.callback_id ?? null, block.block_id, element.action_id]);
}

async function drawnElement(element: Json, blockId: string, suggest: Suggest): Promise<Json> {
  const type = textOf(element.type);
  if (type === 'external_select' || type === 'multi_external_select') {
    const actionId = textOf(element.action_id);
    const options = await suggest({ actionId, blockId, value: '' });
    return { ...element, type: type === 'external_select' ? 'static_select' : 'checkboxes', options };
  }
  if (type === 'multi_static_select') return { ...element, type: 'checkboxes', options: optionsOf(element) };
  if (type === 'static_select') return { ...element, options: optionsOf(element) };
  return element;
}

function optionsOf(element: Json): Json[] {
  if (!Array.isArray(element.option_groups)) return objectsIn(element.options);
  return objectsIn(element.option_groups).flatMap((group) => objectsIn(group.options));
}

function originalState(blocks: readonly unknown[], values: Json): Json {
  const restored: Json = { ...values };
  for (const block of objectsIn(blocks)) {
    const { element } = block;
    const blockId = textOf(block.block_id);
    const actionId = isJson(element) ? textOf(element.action_id) : '';
    const answers = values[blockId];
    if (!isJson(element) || !isJson(answers) || !isJson(answers[actionId])) continue;
    restored[blockId] = { ...answers, [actionId]: originalAnswer(element, answers[actionId]) };
  }
  return restored;
}

/** One field's answer: of the type that the bot asked for, with the initial value where it was left alone. */
function originalAnswer(element: Json, answer: Json): Json {
  const type = textOf(element.type);
  if (type.startsWith('multi_') || type === 'checkboxes') {
    const touched = Array.isArray(answer.selected_options) && answer.selected_options.length > 0;
    return { type, selected_options: touched ? answer.selected_options : (element.initial_options ?? []) };
  }
  if (type === 'plain_text_input') {
    // Untouched is null here; emptied by hand is '', for which Slack sends null.
    const value = answer.value === null ? (element.initial_value ?? null) : answer.value;
    return { type, value: value === '' ? null : value };
  }
  if (type === 'datepicker')
    return { type, selected_date: answer.selected_date ?? element.initial_date ?? null };
  if (type.endsWith('select') || type === 'radio_buttons')
    return { type, selected_option: answer.selected_option ?? element.initial_option ?? null };
  return { ...answer, type };
}
