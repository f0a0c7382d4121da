import { describe, expect, it } from 'vitest';
import { takePhrases } from '../../src/core/typed-phrases.js';

const shapes = { reason: 'phrase', ticket: 'word' } as const;
const read = (text: string) => {
  const { rest, phrases } = takePhrases(text, shapes);
  return { rest: rest.trim(), ...Object.fromEntries(phrases) };
};

describe('phrases in a typed line', () => {
  it.each([
    ['lpar1 x --reason "DLPAR hangs, as on Monday" --ticket CHG1', 'quotes'],
    ['lpar1 x --reason “DLPAR hangs, as on Monday” --ticket CHG1', 'smart quotes'],
    ['lpar1 x —reason ‘DLPAR hangs, as on Monday’ —ticket “CHG1”', 'single ones, and dashes of phones'],
    ['lpar1 x --reason DLPAR hangs, as on Monday --ticket CHG1', 'none'],
    ['--ticket=CHG1 lpar1 x --reason=DLPAR hangs, as on Monday', 'equal signs, in another place'],
    ['--ticket CHG1 --reason "DLPAR hangs, as on Monday" lpar1 x', 'the target last'],
    ['lpar1 x --REASON "DLPAR hangs, as on Monday" --Ticket CHG1', 'capitals'],
    ['lpar1 x --reason "DLPAR hangs, as on Monday', 'a quote that is never closed'],
  ])('are read out of %s (%s)', (text) => {
    const { rest, ...said } = read(text);
    expect(rest.replace(/\s+/g, ' ')).toBe('lpar1 x');
    expect(said).toMatchObject({ reason: 'DLPAR hangs, as on Monday' });
    if (/ticket/i.test(text)) expect(said).toMatchObject({ ticket: 'CHG1' });
  });

  it('keep apostrophes, flags and help inside them', () => {
    expect(read('lpar1 --reason it doesn’t answer --ticket CHG1')).toMatchObject({
      reason: "it doesn't answer",
    });
    expect(read("lpar1 --reason 'it doesn't answer' x")).toEqual({
      rest: 'lpar1 x',
      reason: "it doesn't answer",
    });
    expect(read('lpar1 --reason "see rmcctrl --help -n"')).toMatchObject({ reason: 'see rmcctrl --help -n' });
  });

  it('are missing where nothing stands behind their option', () => {
    expect(read('lpar1 --reason')).toEqual({ rest: 'lpar1', reason: true });
    expect(read('lpar1 --reason --ticket CHG1')).toEqual({ rest: 'lpar1', reason: true, ticket: 'CHG1' });
    expect(read('lpar1 --ticket ""')).toEqual({ rest: 'lpar1', ticket: true });
  });

  it('leave a line without any as it was typed', () => {
    for (const text of ['lpar1 rsct-rebuild -n', '', '“lpar1” --reasonable', 'lpar1 --reasons x'])
      expect(takePhrases(text, shapes).rest).toBe(text);
  });
});
