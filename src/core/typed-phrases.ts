import { plainText } from './typed-text.js';

/** `phrase`: everything up to the next such option, or what stands in quotes. `word`: the next word, or the same. */
export type PhraseShape = 'phrase' | 'word';

/** A line without its phrases, and the phrases by the name of their option; `true` where nothing stands behind it. */
export interface WithoutPhrases {
  readonly rest: string;
  readonly phrases: Map<string, string | true>;
}

/**
 * Takes options whose value is free text out of a typed line, before words are made of it:
 *
 *     lpar1 rmc-restart --reason “DLPAR hangs, as on Monday” --ticket CHG0001234
 *     lpar1 rmc-restart —reason it doesn’t answer
 *
 * Quotes may be any that keyboards make, and may be left out: a phrase then goes on to the next of these options, or to
 * the end. A line without any is given back as it is.
 */
export function takePhrases(text: string, shapes: Readonly<Record<string, PhraseShape>>): WithoutPhrases {
  const names = Object.keys(shapes);
  const phrases = new Map<string, string | true>();
  if (names.length === 0) return { rest: text, phrases };
  const line = plainText(text);
  const option = new RegExp(`(?:^|\\s)--(?<name>${names.join('|')})(?=[=\\s]|$)(?:=\\s*|\\s+(?!--))?`, 'gi');
  let rest = '';
  let from = 0;
  for (let found = option.exec(line); found !== null; found = option.exec(line)) {
    const name = found.groups?.['name']?.toLowerCase() ?? '';
    const start = found.index + found[0].length;
    const value = valueAt(line.slice(start), shapes[name] ?? 'word', names);
    rest += line.slice(from, found.index);
    from = start + value.length;
    option.lastIndex = from;
    phrases.set(name, value.text === '' ? true : value.text);
  }
  return phrases.size === 0 ? { rest: text, phrases } : { rest: rest + line.slice(from), phrases };
}

function valueAt(
  text: string,
  shape: PhraseShape,
  names: readonly string[],
): { readonly text: string; readonly length: number } {
  const quote = /^["']/.exec(text)?.[0];
  if (quote !== undefined) {
    // A quote inside a word is an apostrophe: the closing one has a blank or the end behind it.
    const end = new RegExp(`${quote}(?=\\s|$)`).exec(text.slice(1))?.index ?? text.length - 1;
    return { text: text.slice(1, end + 1).trim(), length: end + 2 };
  }
  const stop = shape === 'word' ? /\s|$/ : new RegExp(`\\s--(?:${names.join('|')})(?=[=\\s]|$)|$`, 'i');
  const end = /^--/.test(text) ? 0 : (stop.exec(text)?.index ?? text.length);
  return { text: text.slice(0, end).trim(), length: end };
}
