import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.js';
import { rmcFix } from '../../commands/rmc-fix.js';
import { rmcStatus } from '../../commands/rmc-status.js';
import type { Vocabulary } from '../../commands/command.js';
import { errorBlock, formText, formView, readPlace, suggestions } from '../../src/slack/form.js';
import { smallEstate } from '../commands/small-estate.js';

const estate = smallEstate();
const place = { command: '/rmc-status', channel: 'C0OPS', threadTs: null };

const everything = () => true;

function manyNodes(count: number): Vocabulary {
  const [first] = [...estate.inventory.nodes.values()];
  if (first === undefined) throw new Error('the estate is empty');
  const nodes = Array.from({ length: count }, (_, i) => ({
    ...first,
    name: `node${String(i).padStart(4, '0')}`,
  }));
  return {
    ...estate,
    inventory: { ...estate.inventory, nodes: new Map(nodes.map((node) => [node.name, node])) },
  };
}

describe('a form', () => {
  it.each(commands.filter((one) => one.action !== 'help').map((one) => [one.name, one] as const))(
    'of %s keeps to the limits of Slack',
    (_name, one) => {
      const view = formView(one, place, manyNodes(1_000), everything);
      expect(view.title.text.length).toBeLessThanOrEqual(24);
      expect(view.submit?.text.length).toBeLessThanOrEqual(24);
      expect(view.private_metadata?.length).toBeLessThanOrEqual(3_000);
      expect(JSON.stringify(view).length).toBeLessThan(250_000);
      expect(view.blocks.length).toBeLessThanOrEqual(100);
    },
  );

  it('has a typeahead and a line to type into for what is needed, and a list for what is not', () => {
    const kinds = formView(rmcFix, place, estate, everything).blocks.map(
      (block) => 'element' in block && block.element.type,
    );
    expect(kinds).toEqual([
      ...['external_select', 'plain_text_input', 'static_select'],
      // Why, and the ticket.
      ...['plain_text_input', 'plain_text_input'],
    ]);
    const [many] = formView(rmcStatus, place, estate, everything).blocks;
    expect(many).toMatchObject({ element: { type: 'multi_external_select' } });
  });

  it('shows its errors under a field that it has', () => {
    for (const one of [rmcStatus, rmcFix]) {
      const ids = formView(one, place, estate, everything).blocks.map((block) => block.block_id);
      expect(ids).toContain(errorBlock(one));
    }
  });

  it('offers at most a hundred names, groups first, and finds the thousandth by typing', () => {
    const estateOf = manyNodes(1_000);
    const field = (typed: string) =>
      suggestions(rmcStatus, { blockId: 'pick-targets', typed }, estateOf, everything);
    expect(field('')).toHaveLength(100);
    expect(field('')[0]).toMatchObject({ value: 'all', description: { text: '1000 nodes' } });
    expect(field('NODE0999').map((option) => option.value)).toEqual(['node0999']);
    expect(field('  ')).toHaveLength(100);
    for (const option of field('')) {
      expect(option.text.text.length).toBeLessThanOrEqual(75);
      expect(option.description?.text.length ?? 0).toBeLessThanOrEqual(75);
    }
  });

  it('reads picks and typed words in the order of the arguments', () => {
    const state = {
      'pick-fix': { pick: { selected_option: { value: 'rmc-restart' } } },
      'pick-target': { pick: { selected_option: null } },
      'type-target': { type: { value: ' lpar1 ' } },
    };
    expect(formText(rmcFix, state)).toBe('lpar1 rmc-restart');
    expect(formText(rmcStatus, {})).toBe('');
  });

  it('takes back only its own metadata', () => {
    expect(readPlace(JSON.stringify(place))).toEqual(place);
    for (const text of ['', 'null', '[]', '{}', '{"command":1,"channel":"C"}', '{'])
      expect(readPlace(text)).toBeNull();
  });
});
