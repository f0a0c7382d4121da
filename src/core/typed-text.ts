/**
 * What a person typed into Slack, taken out of what Slack and keyboards make of it:
 *
 *     <http://lpar1.example.com|lpar1.example.com>,   a link made from a host name
 *     “lpar1”  —deep  lpar‑1                          quotes, dashes and hyphens of phones
 *     &lt;lpar1&gt;  *lpar1*  `lpar1`                 entities and formatting
 *
 * Printing nothing means that nothing was typed. Nothing here decides what a word means: whatever comes out is
 * compared with the inventory and the registries, and never runs.
 * Source: docs.slack.dev, "Formatting message text" (links, entities) and "Slash commands" (`should_escape`).
 */

/** The words and flags of one line. A flag without a value is `true`; `--within 30d` and `--within=30d` are the same. */
export interface Typed {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string | true>;
}

/** Longer text is no command line; the rest is not looked at. Slack itself allows 4,000 characters in a message. */
const longestText = 4_000;

/** Splits typed text into words and flags; `withValue` names the flags that take the next word as their value. */
export function readTyped(text: string, withValue: readonly string[] = []): Typed {
  const words: string[] = [];
  const flags = new Map<string, string | true>();
  const rest = splitWords(plainText(text));
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const flag = /^--(?<name>[A-Za-z][A-Za-z0-9-]*)(?:=(?<value>.*))?$/.exec(word)?.groups;
    if (flag?.['name'] === undefined) {
      words.push(word);
      continue;
    }
    const name = flag['name'].toLowerCase();
    const value = flag['value'] ?? (withValue.includes(name) ? rest.shift() : undefined);
    flags.set(name, value === undefined || value === '' ? true : value);
  }
  return { words, flags };
}

/** Splits typed text into words, flags among them and in their place. */
export function readWords(text: string): readonly string[] {
  return splitWords(plainText(text));
}

/** The text as it was meant: links, entities, typographic marks and invisible characters undone. */
export function plainText(text: string): string {
  return decodeEntities(unlink(text.slice(0, longestText)))
    .normalize('NFKC')
    .replace(invisible, '')
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .replace(/[“”„‟«»″]/g, '"')
    .replace(/[‘’‚‛′]/g, "'")
    .replace(/(?<=^| )[—–―](?=[A-Za-z])/g, '--')
    .replace(/[‐‑‒–—―−]/g, '-')
    .trim();
}

// Soft hyphen, zero width, bidi marks and overrides, variation selectors, byte order mark, tags, lone surrogates.
const invisible =
  /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** Slack's `<…>` pieces: links to what was typed, `<@U…|name>` to the id, `<#C…|name>` to a name. */
function unlink(text: string): string {
  return text.replace(/<(?<target>[^<>|]{1,2000})(?:\|(?<label>[^<>]{0,2000}))?>/g, (...match) => {
    const groups = match.at(-1) as { target: string; label?: string };
    // The id is what a person cannot change.
    if (/^@[UW][A-Z0-9]+$/.test(groups.target)) return groups.target;
    if (groups.label !== undefined && groups.label !== '') return groups.label;
    return groups.target.replace(/^(?:https?:\/\/|mailto:|tel:)/i, '').replace(/\/$/, '');
  });
}

// Once, and `&amp;` last: `&amp;lt;` was typed as `&lt;`.
function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Blanks and commas separate, quotes hold together; what stands around a word does not belong to it. */
function splitWords(text: string): string[] {
  const pieces = text.match(/(?:[^\s,"']|"[^"]*"|'[^']*'|["'])+/g) ?? [];
  return pieces.map(bareWord).filter((word) => word !== '');
}

function bareWord(piece: string): string {
  return piece
    .replace(/["'`]/g, '')
    .replace(/^[*~(<[{]+/, '')
    .replace(/[*~)>\]}.;:!…]+$/, '')
    .replace(/(?<=.)\?+$/, '')
    .replace(/^_(?<inner>.+)_$/, '$<inner>')
    .trim();
}
