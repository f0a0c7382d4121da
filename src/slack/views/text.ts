/**
 * Text from nodes, certificates and people, made safe to stand in a Slack message: nothing in it pings, links,
 * changes the look of what is around it, or hides. What cannot be shown is made visible, not dropped.
 * Source: docs.slack.dev, "Formatting message text" and "Text object".
 */

// CSI and OSC sequences, then any other two-character escape: colours and cursor moves say nothing in a message.
const ansi =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\n]{0,500}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_]/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
// C1 controls, soft hyphen, bidi marks and overrides, zero width, invisible operators, tags, lone surrogates.
const hidden =
  /[\u0080-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]|\p{Cs}/gu;
// `:x:` would be drawn as a picture: MAC and IPv6 addresses hold such words. Only looked ahead, as the colons are shared.
// Numbers alone are none but for two, so that times and ports stay as they are.
const emojiStart = /:(?=(?:[0-9_'-]{0,30}[a-z+][a-z0-9_+'-]{0,60}|-1|100|1234):)/gi;

/** The text with nothing invisible left in it: ANSI sequences go, control characters get a picture, the rest its code. */
export function visible(text: string): string {
  return text
    .replace(ansi, '')
    .replace(/\r\n|[\u2028\u2029]/g, '\n')
    .replace(controls, (c) => (c === '\u007f' ? '␡' : String.fromCodePoint(0x2400 + c.charCodeAt(0))))
    .replace(hidden, (c) => `‹U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

/** Safe inside mrkdwn and in the top-level `text`: shows as it is, pings nobody, links nowhere, formats nothing. */
export function escapeText(text: string): string {
  return entities(visible(text))
    .replaceAll('`', 'ˋ')
    .replace(/(?<![\w.])@(?=[a-z])/gi, '@ ')
    .replaceAll('://', '[:]//')
    .replace(/\b(?<scheme>mailto|tel):/gi, '$<scheme>[:]')
    .replace(emojiStart, '∶')
    .replace(/(?<!\w)[*~]|[*~](?!\w)/g, (c) => (c === '*' ? '∗' : '∼'));
}

/** One line of untrusted text as inline code. Line ends become visible; a backtick becomes one that cannot end it. */
export function code(text: string): string {
  const line = visible(text).replaceAll('\n', '␤').replaceAll('`', 'ˋ');
  return line === '' ? '_(nothing)_' : `\`${entities(line)}\``;
}

/** A preformatted block of at most `max` characters, fences included; says how much is hidden. */
export function codeBlock(text: string, max = 2_700): string {
  // A run of three would end the block; single backticks in commands stay as they are.
  const body = entities(visible(text).replace(/`{3,}/g, (run) => 'ˋ'.repeat(run.length))).trimEnd();
  const edges = body.replace(/^`|`$/g, 'ˋ');
  return edges.trim() === '' ? '_(printed nothing)_' : `\`\`\`\n${clip(edges, max - 8)}\n\`\`\``;
}

/**
 * At most `max` UTF-16 units: ends between two whole characters and never inside an entity, and says how many
 * characters are hidden. `max` is at least the length of that note.
 */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = wholeCharacters(text, Math.max(0, max - hiddenNote(text.length).length));
  const entity = /&[a-z]{0,4}$/.exec(text.slice(0, end));
  if (entity !== null) end = entity.index;
  return text.slice(0, end) + hiddenNote(countCharacters(text.slice(end)));
}

/**
 * Ready mrkdwn cut to `max` without breaking it: whole lines stay, mentions and dates are never cut in half, a
 * preformatted block that was open is closed; says how many lines are hidden.
 */
export function clipMrkdwn(mrkdwn: string, max: number): string {
  if (mrkdwn.length <= max) return mrkdwn;
  const lines = mrkdwn.split('\n');
  const kept: string[] = [];
  let room = max - 60;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.push(line);
  }
  const [first = ''] = lines;
  if (kept.length === 0) return closed(clip(first, max - 10).replace(/<[^<>]*(?= … \()/, ''));
  const hidden = lines.length - kept.length + hiddenBefore(lines.at(-1) ?? '');
  return `${closed(kept.join('\n'))}\n… ${plural(hidden, 'more line')} hidden`;
}

// What was cut before and is cut once more: the note of the first cut stands for the lines that it counted.
function hiddenBefore(lastLine: string): number {
  const count = /^… (\d{1,6}) more lines? hidden$/.exec(lastLine)?.[1];
  return count === undefined ? 0 : Number(count) - 1;
}

// An odd number of fences leaves a block open, which would swallow what comes after it.
function closed(mrkdwn: string): string {
  return mrkdwn.split('```').length % 2 === 0 ? `${mrkdwn}\n\`\`\`` : mrkdwn;
}

export interface Ends {
  readonly head: number;
  readonly tail: number;
  /** Longer lines are clipped to this; terminals of 80 columns fit twice. */
  readonly width?: number;
}

/** The first and last lines, and between them how many are hidden. */
export function headTail(text: string, ends: Ends): string {
  const lines = linesOf(text);
  const cut = (line: string): string => clip(line, ends.width ?? 160);
  const hiddenLines = lines.length - ends.head - ends.tail;
  if (hiddenLines <= 0) return lines.map(cut).join('\n');
  const note = `… ${count(hiddenLines)} ${hiddenLines === 1 ? 'line' : 'lines'} hidden …`;
  const tail = ends.tail === 0 ? [] : lines.slice(-ends.tail);
  return [...lines.slice(0, ends.head).map(cut), note, ...tail.map(cut)].join('\n');
}

/** Whether `headTail` would hide anything of the text. */
export function isLong(text: string, ends: Ends): boolean {
  const lines = linesOf(text);
  return lines.length > ends.head + ends.tail || lines.some((line) => line.length > (ends.width ?? 160));
}

/** Untrusted text for a plain-text object, on one line and without anything that Slack reads as markup. */
export function plain(text: string, max: number): string {
  const line = visible(text)
    .replaceAll('\n', ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('&', '＆');
  return clip(line.replace(emojiStart, '∶'), max);
}

/** One line: line ends become blanks. */
export function oneLine(text: string): string {
  return linesOf(text)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/** `3,104`: people read grouped digits faster. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 line`, `2 lines`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** At most `most` of the names, and how many more there are. */
export function someOf(names: readonly string[], most: number): string {
  const rest = names.length - most;
  return rest <= 0 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${count(rest)} more`;
}

// No regular expression: /\n+$/ takes quadratic time over many line ends.
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  while (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return lines;
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function hiddenNote(characters: number): string {
  return ` … (${count(characters)} more ${characters === 1 ? 'character' : 'characters'})`;
}

function countCharacters(text: string): number {
  // An entity and a surrogate pair are one character each.
  return text.replace(/&(?:amp|lt|gt);|[\ud800-\udbff][\udc00-\udfff]/g, '.').length;
}

// The segmenter is asked for the last stretch alone: over megabytes it would take seconds.
function wholeCharacters(text: string, end: number): number {
  const from = Math.max(0, end - 64);
  const segments = [
    ...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text.slice(from, end + 64)),
  ];
  const last = segments.findLast((segment) => from + segment.index <= end);
  const cut = from + (last?.index ?? 0);
  // One character of more than 64 units is not writing any more: cut it between code points.
  if (cut > from || from === 0) return cut;
  const isLow = /^[\udc00-\udfff]$/.test(text.charAt(end));
  return isLow ? end - 1 : end;
}
