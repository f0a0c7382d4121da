import { describe, expect, it } from 'vitest';
import { enrol } from '../../commands/enrol.js';
import { parseArguments } from '../../commands/index.js';
import { smallEstate } from './small-estate.js';

const read = (text: string) => parseArguments(enrol, text, smallEstate());
const names = [...smallEstate().inventory.nodes.keys()];
const [hmc = ''] = smallEstate().inventory.hmcs.keys();

describe('/enrol', () => {
  it('takes nodes, HMCs and groups, in any letter case, each once', () => {
    const [one = ''] = names;
    expect(read(`${one} ${one.toUpperCase()} ${hmc} all`)).toMatchObject({
      kind: 'request',
      wish: { job: 'enrol', targets: [one, hmc, 'all'] },
    });
  });

  it('asks with a form where nothing is typed', () => {
    expect(read('')).toEqual({ kind: 'form' });
  });

  it('takes no name that the inventory does not know', () => {
    const [one = ''] = names;
    expect(read(`${one}x`)).toMatchObject({ kind: 'error' });
    expect(read('tag:nobody=has-it')).toMatchObject({ kind: 'error' });
    const many = Array.from({ length: 21 }, (_, n) => `${one}${n}`).join(' ');
    expect(read(many)).toMatchObject({ kind: 'error' });
  });

  it('offers every host in its form', () => {
    const { targets } = enrol.args;
    const words = targets?.choices(smallEstate()).map(({ word }) => word) ?? [];
    expect(words).toEqual(['all', ...smallEstate().inventory.hmcs.keys(), ...names]);
  });
});
