import { describe, expect, it } from 'vitest';
import { Drawable, withIds } from './drawable.js';
import type { Json } from './json.js';

const option = (value: string): Json => ({ text: { type: 'plain_text', text: value }, value });
const label = { type: 'plain_text', text: 'Field' };
const nobody = (): Promise<Json[]> => Promise.resolve([]);

function modal(element: Json): Json {
  return { type: 'modal', callback_id: 'c', blocks: [{ type: 'input', block_id: 'b', label, element }] };
}

/** What the bot gets when the page sends `answer` for the one field of a modal. */
async function submitted(element: Json, answer: Json): Promise<unknown> {
  const drawable = new Drawable();
  const drawn = await drawable.view(modal(element), nobody);
  const view = drawable.original({ ...drawn, state: { values: { b: { a: answer } } } });
  expect(view.blocks).toEqual(modal(element).blocks);
  return view.state;
}

describe('modals for the page', () => {
  it('gives blocks and elements the ids that they came without', () => {
    const blocks = withIds([
      { type: 'actions', elements: [{ type: 'button' }] },
      { type: 'divider', block_id: 'x' },
    ]);
    expect(blocks).toEqual([
      {
        type: 'actions',
        block_id: expect.any(String) as string,
        elements: [{ type: 'button', action_id: expect.any(String) as string }],
      },
      { type: 'divider', block_id: 'x' },
    ]);
  });

  it('draws a typeahead with what the bot suggests', async () => {
    const drawable = new Drawable();
    const element = { type: 'external_select', action_id: 'a' };
    const drawn = await drawable.view(modal(element), () => Promise.resolve([option('lpar07')]));
    expect(drawn.blocks).toMatchObject([{ element: { type: 'static_select', options: [option('lpar07')] } }]);
  });

  it.each<[string, Json, Json, Json]>([
    [
      'the initial value of a text that nobody touched',
      { type: 'plain_text_input', action_id: 'a', initial_value: 'why' },
      { type: 'plain_text_input', value: null },
      { type: 'plain_text_input', value: 'why' },
    ],
    [
      'null for a text that was emptied',
      { type: 'plain_text_input', action_id: 'a', initial_value: 'why' },
      { type: 'plain_text_input', value: '' },
      { type: 'plain_text_input', value: null },
    ],
    [
      'the first choice of a select that nobody touched',
      { type: 'static_select', action_id: 'a', options: [option('x')], initial_option: option('x') },
      { type: 'static_select', selected_option: null },
      { type: 'static_select', selected_option: option('x') },
    ],
    [
      'the choices of a multi-select',
      { type: 'multi_static_select', action_id: 'a', options: [option('x')] },
      { type: 'checkboxes', selected_options: [option('x')] },
      { type: 'multi_static_select', selected_options: [option('x')] },
    ],
  ])('sends %s', async (_what, element, answer, expected) => {
    expect(await submitted(element, answer)).toEqual({ values: { b: { a: expected } } });
  });
});
