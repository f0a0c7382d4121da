/** What every answer must be, whatever was asked: readable, for one person, and without anything that acts by itself. */

/** Controls (but for line ends and tabs), bidi marks and overrides, zero width, tags: nothing of it may reach a reader. */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const calls = /<!(?:channel|here|everyone|subteam)/;
const mention = /<@(?<user>[UW][A-Z0-9]+)/g;
const leaks = /undefined|\[object |\bNaN\b|^\s+at .+:\d+:\d+|node_modules|TypeError|ReferenceError/m;

/** Everything wrong with what was sent to Slack; `involved` are those who may be named. */
export function problemsOf(sent: unknown, involved: readonly string[]): readonly string[] {
  return stringsOf(sent).flatMap(({ key, text }) => [
    ...(unseen.test(text) ? [`something invisible in ${key}: ${shown(text)}`] : []),
    ...(calls.test(text) ? [`a call to many in ${key}: ${shown(text)}`] : []),
    ...[...text.matchAll(mention)]
      .filter((found) => !involved.includes(found.groups?.['user'] ?? ''))
      .map(([found]) => `somebody else is called in ${key}: ${found}`),
    ...(leaks.test(text) ? [`not for people in ${key}: ${shown(text)}`] : []),
    ...(key.endsWith('/text') && text.trim() === '' ? [`an empty text in ${key}`] : []),
    ...(key.endsWith('/text') && text.length > longest(key) ? [`${text.length} characters in ${key}`] : []),
  ]);
}

/** Slack's limit of a block's text; the text beside blocks, which notifications show, has 40,000 and should have 4,000. */
function longest(key: string): number {
  return key.includes('/blocks/') ? 3_000 : 4_000;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 160));
}

/** Every string of a value with the key that it stands under. */
export function stringsOf(
  value: unknown,
  key = '',
): readonly { readonly key: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ key, text: value }];
  if (Array.isArray(value)) return value.flatMap((one) => stringsOf(one, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => stringsOf(inner, `${key}/${name}`));
}
