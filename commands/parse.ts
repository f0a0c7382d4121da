import { didYouMean } from '../src/core/did-you-mean.js';
import type { Wish } from '../src/core/request.js';
import { takePhrases } from '../src/core/typed-phrases.js';
import { plainText, readTyped, readWords, type Typed } from '../src/core/typed-text.js';
import {
  usageOf,
  type Argument,
  type Deed,
  type Command,
  type Intent,
  type Understood,
  type Vocabulary,
} from './command.js';

/** What came of the text behind a command. All texts are plain: whoever shows them escapes them. */
export type Parsed =
  | { readonly kind: 'request'; readonly wish: Wish; readonly asked: string }
  /** Something that the bot does at once. */
  | { readonly kind: 'deed'; readonly deed: Deed; readonly asked: string }
  /** Nothing was typed and something is needed: ask with a form. */
  | { readonly kind: 'form' }
  /** `command` is null for the list of all. */
  | { readonly kind: 'help'; readonly command: string | null }
  /** `understood` is the line as it was read, `hint` what to type in its place. */
  | { readonly kind: 'error'; readonly understood: string; readonly message: string; readonly hint: string };

/** With these a word was meant for them, also where the command does not know them. */
const optionsOfOthers = ['within'];

/** Makes sense of the text behind a command, or says what was understood and what to type. Pure; never throws. */
export function parseArguments(command: Command, text: string, vocabulary: Vocabulary): Parsed {
  const typed = typedFor(command, text, vocabulary);
  const { words, flags } = typed;
  const asksForHelp = flags.has('help') || /^(?:help|\?|-h)$/i.test(words.join(' '));
  if (asksForHelp && command.action !== 'help') return { kind: 'help', command: command.name };
  const verb = asksForHelp ? null : command.verb(plainText(text), vocabulary);
  if (verb !== null) return verbRead(command, verb, plainText(text));
  const line = shown(command, [...words, ...flagWords(flags)]);
  const unknown = [...flags.keys()].find((name) => !isFlagOf(command, name));
  if (unknown !== undefined && !asksForHelp)
    return unknownFlag(command, { understood: line, words, flags, unknown });
  const args = Object.entries(command.args);
  if (words.length === 0 && args.some(([, argument]) => argument.isNeeded)) return { kind: 'form' };
  const options = readOptions(command, flags, { understood: line, words });
  if ('kind' in options) return options;
  const given = new Set(Object.keys(command.flags).filter((name) => flags.has(name)));
  return readAll(command, { words: asksForHelp ? [] : words, flags: given, ...options }, vocabulary);
}

function verbRead(command: Command, read: Understood<Intent>, text: string): Parsed {
  if (read.kind === 'understood') return parsedOf(read.value, shown(command, read.typed));
  const hint = read.instead === null ? plainUsage(command) : shown(command, read.instead);
  return { kind: 'error', understood: shown(command, [text]), message: read.message, hint };
}

function parsedOf(intent: Intent, asked: string): Parsed {
  switch (intent.job) {
    case 'help':
      return { kind: 'help', command: intent.command };
    case 'changes':
    case 'locks':
    case 'release-lock':
    case 'freeze':
    case 'break-glass':
      return { kind: 'deed', deed: intent, asked };
    default:
      return { kind: 'request', wish: intent, asked };
  }
}

function isFlagOf(command: Command, name: string): boolean {
  return Object.hasOwn(command.flags, name) || Object.hasOwn(command.options, name);
}

function flagWords(flags: Typed['flags']): readonly string[] {
  return [...flags].flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, value]));
}

interface ReadOptions {
  readonly options: Readonly<Record<string, unknown>>;
  /** As they are shown again. */
  readonly optionWords: readonly string[];
}

/** Reads the value of every flag that has one; the first that is missing or not understood ends it. */
function readOptions(
  command: Command,
  flags: Typed['flags'],
  line: { understood: string; words: readonly string[] },
): ReadOptions | (Parsed & { kind: 'error' }) {
  const options: Record<string, unknown> = {};
  const optionWords: string[] = [];
  for (const [name, option] of Object.entries(command.options)) {
    const word = flags.get(name);
    if (word === undefined) continue;
    const example = [`--${name}`, option.usage];
    const hint = (instead: readonly string[]) => shown(command, [...line.words, ...instead]);
    if (word === true) {
      const message = `--${name} needs a value, for example ${example.join(' ')}.`;
      return { kind: 'error', understood: line.understood, message, hint: hint(example) };
    }
    const read = option.read(word);
    if (read.kind === 'not-understood') {
      const instead = read.instead === null ? example : [`--${name}`, ...read.instead];
      return { kind: 'error', understood: line.understood, message: read.message, hint: hint(instead) };
    }
    options[name] = read.value;
    optionWords.push(`--${name}`, ...read.typed);
  }
  return { options, optionWords };
}

/** Free text comes out first: a reason may hold words that look like flags. */
function typedFor(command: Command, text: string, { fixes }: Vocabulary): Typed {
  const shapes = Object.entries(command.options).flatMap(([name, { takes }]) =>
    takes === undefined ? [] : [[name, takes] as const],
  );
  const { rest, phrases } = takePhrases(text, Object.fromEntries(shapes));
  const { words, flags } = wordsOf(command, rest);
  const fix = fixes.find(({ id }) => words.includes(id));
  // A fix that has such a word itself keeps it: it is part of its plan then.
  const own = [...phrases].filter(([name]) => fix?.takes?.usage.includes(`--${name} `) === true);
  for (const [name] of own) phrases.delete(name);
  return { words: [...words, ...flagWords(new Map(own))], flags: new Map([...flags, ...phrases]) };
}

/** Where an argument has flags of its own, only the wish for help is taken out of the words. */
function wordsOf(command: Command, text: string): Typed {
  if (!Object.values(command.args).some((argument) => argument.keepsFlags === true))
    return readTyped(text, [...optionsOfOthers, ...Object.keys(command.options)]);
  const words = readWords(text);
  const asksForHelp = words.some((word) => word.toLowerCase() === '--help');
  return { words, flags: new Map(asksForHelp ? [['help', true]] : []) };
}

interface Given extends ReadOptions {
  readonly words: readonly string[];
  /** Known ones, in the order of the command. */
  readonly flags: ReadonlySet<string>;
}

function unknownFlag(
  command: Command,
  typed: { understood: string; words: readonly string[]; flags: Typed['flags']; unknown: string },
): Parsed {
  const near = didYouMean(typed.unknown, [...Object.keys(command.flags), ...Object.keys(command.options)]);
  const known = new Map([...typed.flags].filter(([name]) => isFlagOf(command, name)));
  const meant = near === null ? '' : ` Did you mean --${near}?`;
  const message = `${command.name} knows no --${typed.unknown}.${meant}`;
  // An option is suggested with an example of its value, unless one was typed.
  if (near !== null && !known.has(near)) known.set(near, command.options[near]?.usage ?? true);
  const hint = shown(command, [...typed.words, ...flagWords(known)]);
  return { kind: 'error', understood: typed.understood, message, hint };
}

/** Reads each argument from its share of the words; the first that is not understood ends it. */
function readAll(command: Command, given: Given, vocabulary: Vocabulary): Parsed {
  const { words } = given;
  const values: Record<string, unknown> = {};
  const typed: string[] = [];
  let rest = [...words];
  for (const [name, argument] of Object.entries(command.args)) {
    const share = rest.slice(0, shareOf(argument, rest, vocabulary));
    rest = rest.slice(share.length);
    if (share.length === 0 && argument.isNeeded) return missing(command, words, argument);
    const read: Understood<unknown> = argument.read(share, vocabulary);
    if (read.kind === 'not-understood') {
      const instead =
        read.instead === null ? plainUsage(command) : shown(command, [...typed, ...read.instead, ...rest]);
      return { kind: 'error', understood: shown(command, words), message: read.message, hint: instead };
    }
    values[name] = read.value;
    typed.push(...read.typed);
  }
  if (rest.length > 0) return tooMany(command, words, typed);
  const refused = command.refuses(values);
  if (refused !== null) return { kind: 'error', understood: shown(command, words), ...refused };
  return intended(command, { values, ...given }, typed);
}

function shareOf(argument: Argument<unknown>, words: readonly string[], vocabulary: Vocabulary): number {
  if (words.length === 0 || argument.share === undefined) return argument.takesAll ? words.length : 1;
  return argument.share(words, vocabulary);
}

function intended(
  command: Command,
  { values, flags, options, optionWords }: Given & { values: Record<string, unknown> },
  typed: readonly string[],
): Parsed {
  const intent = command.request(values, flags, options);
  const note = command.note(values);
  const line = shown(command, [...typed, ...[...flags].map((name) => `--${name}`), ...optionWords]);
  return parsedOf(intent, note === null ? line : `${line} (${note})`);
}

function missing(command: Command, words: readonly string[], argument: Argument<unknown>): Parsed {
  const message = `${argument.usage} is missing. ${argument.explains}`;
  return { kind: 'error', understood: shown(command, words), message, hint: plainUsage(command) };
}

function tooMany(command: Command, words: readonly string[], typed: readonly string[]): Parsed {
  const most = Object.keys(command.args).length;
  const message = `${command.name} takes ${most === 1 ? 'one word' : `at most ${most} words`}, and ${words.length} were typed.`;
  return { kind: 'error', understood: shown(command, words), message, hint: shown(command, typed) };
}

/** What to type, without the flags that may be left out: a hint is short. */
function plainUsage(command: Command): string {
  return usageOf({ ...command, flags: {}, options: {} });
}

/** A line as it is shown again: never longer than a person reads. */
function shown(command: Command, words: readonly string[]): string {
  const line = [command.name, ...words].join(' ');
  return line.length <= 600 ? line : `${line.slice(0, 599)}…`;
}
