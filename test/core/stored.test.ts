import { describe, expect, it } from 'vitest';
import { fromStored, knownOnes, NewerError, storedText } from '../../src/core/stored.js';

describe('documents of other versions', () => {
  it('keep the fields that this version does not know, through reading and writing', () => {
    const text = storedText('change', { id: 'c-1', hue: 'blue', deep: { more: [1] } });
    const read = fromStored<{ id: string }>('change', 'c-1', text);
    expect(JSON.parse(storedText('change', { ...read, id: 'c-2' }))).toEqual({
      v: 1,
      id: 'c-2',
      hue: 'blue',
      deep: { more: [1] },
    });
  });

  it('are of the first version where they do not say', () => {
    expect(fromStored('request', 'r', '{"id":"r"}')).toEqual({ id: 'r' });
  });

  it.each(['{"v":2,"id":"c-1"}', '{"v":"later","id":"c-1"}', '{"v":null}'])(
    'of a later version are refused in words: %s',
    (text) => {
      const reading = () => fromStored('change', 'c-1', text);
      expect(reading).toThrow(NewerError);
      expect(reading).toThrow(
        'The change c-1 was written by a newer version of aixops than this process is. Nothing was done with it',
      );
    },
  );

  it('in a state that is not known are of a later version', () => {
    expect(() => fromStored('roll-out', 'r', '{"state":"paused"}', () => false)).toThrow(NewerError);
  });

  it('do not keep a list from being read, and any other failure does', async () => {
    const get = async (id: string) => Promise.resolve(fromStored<{ n: number }>('change', id, id));
    expect(await knownOnes(['{"n":1}', '{"v":2}', '{"n":2}'], get)).toEqual([{ n: 1 }, { n: 2 }]);
    await expect(knownOnes(['not json'], get)).rejects.toThrow(SyntaxError);
  });
});
