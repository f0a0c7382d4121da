import type { Message } from '../../core/message.js';
import { context, message, section } from './dress.js';
import { code, escapeText } from './text.js';

/** What help says of one command; a command and its usage line fit it. */
export interface HelpEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
  /** One line for each argument. */
  readonly explains: readonly string[];
}

/** What help says of a finding or a fix. */
export interface TopicEntry {
  readonly id: string;
  /** What it is, in a few words. */
  readonly summary: string;
  /** This and the details may hold code between backticks. */
  readonly description: string;
  /** One line each. */
  readonly details: readonly string[];
}

/** A finding or a fix in detail. */
export function topicMessage({ id, summary, description, details }: TopicEntry): Message {
  const head = `${code(id)}\n*${escapeText(summary)}*\n${withCode(description)}`;
  const parts = [head, details.map((line) => `• ${withCode(line)}`).join('\n')].filter((part) => part !== '');
  return message({ text: parts.join('\n'), first: parts.map((part) => section(part)) });
}

/** Our own words, in which backticks are around code. */
function withCode(words: string): string {
  return words
    .split('`')
    .map((part, at) => (at % 2 === 1 ? code(part) : escapeText(part)))
    .join('');
}

/** All commands that the person may use, one section each. `lead` is plain text to begin with; '' for none. */
export function helpMessage(entries: readonly HelpEntry[], lead = ''): Message {
  const heads = lead === '' ? [] : [escapeText(lead)];
  const lines = entries.map((entry) => `${code(entry.usage)}\n${escapeText(entry.summary)}`);
  const threads =
    'In a thread, mention me and leave the slash out. Nothing is changed before somebody approves it.';
  const more = `${code('/aix-help <command>')} explains one command, a fix or a finding.`;
  return message({
    text: [...heads, ...lines, more, threads].join('\n'),
    first: heads.map((head) => section(head)),
    asRoomAllows: lines.map((line) => section(line)),
    last: [context(`${more} ${threads}`)],
  });
}

/** One command in detail: usage, what it does, what may be typed, examples. */
export function commandHelpMessage(entry: HelpEntry): Message {
  const what = `${code(entry.usage)}\n*${escapeText(entry.summary)}*\n${escapeText(entry.description)}`;
  const args = entry.explains.map((line) => escapeText(line)).join('\n');
  const examples = `Examples:\n${entry.examples.map((example) => `• ${code(example)}`).join('\n')}`;
  const parts = [what, args, examples].filter((part) => part !== '');
  return message({ text: parts.join('\n'), first: parts.map((part) => section(part)) });
}
