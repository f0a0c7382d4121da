import type { ChangesAsk } from '../src/core/changes-ask.js';
import type { Wish } from '../src/core/request.js';
import type { PhraseShape } from '../src/core/typed-phrases.js';
import type { Inventory } from '../src/inventory/inventory.js';
import type { WordForm } from '../src/runbooks/definition.js';

/** What commands know of a fix; the registry's entries fit it. */
export interface FixWords {
  readonly id: string;
  readonly title: string;
  readonly risk: 'low' | 'medium' | 'high';
  readonly summary: string;
  /** Finding ids that it may cure. */
  readonly cures: readonly string[];
  /** The words it takes behind its name; absent where it takes none. */
  readonly takes?: WordForm;
}

/** Everything that words in a command may mean. */
export interface Vocabulary {
  readonly inventory: Inventory;
  readonly fixes: readonly FixWords[];
  readonly diagnostics: readonly { readonly id: string; readonly title: string }[];
}

/** Words made sense of: `typed` is how they are shown again. Or why not, and what may be typed in their place. */
export type Understood<T> =
  | { readonly kind: 'understood'; readonly value: T; readonly typed: readonly string[] }
  | { readonly kind: 'not-understood'; readonly message: string; readonly instead: readonly string[] | null };

/** One word that may be picked in place of typing it; `about` says in a few words what it is. */
export interface Choice {
  readonly word: string;
  readonly about: string;
}

/** One argument of a command: how help writes it, how much it takes, and what it makes of the words. */
export interface Argument<T> {
  /** `<targets>` when it is needed, `[fix]` when it may be left out. */
  readonly usage: string;
  readonly isNeeded: boolean;
  /** Takes all remaining words instead of one. */
  readonly takesAll: boolean;
  /** How many of the words are its own, where that is neither one nor all; never called without words. Pure. */
  readonly share?: (words: readonly string[], vocabulary: Vocabulary) => number;
  /** One line for help. */
  readonly explains: string;
  /** More lines for help. */
  readonly details?: readonly string[];
  /** What looks like a flag is a word of this argument. */
  readonly keepsFlags?: boolean;
  /** What a form offers, in the order in which it should be shown. */
  choices(vocabulary: Vocabulary): readonly Choice[];
  /** Never called without words unless the argument may be left out. Pure; never throws. */
  read(words: readonly string[], vocabulary: Vocabulary): Understood<T>;
}

export type ArgumentSet = Readonly<Record<string, Argument<unknown>>>;
export type Values<S extends ArgumentSet> = {
  readonly [K in keyof S]: S[K] extends Argument<infer T> ? T : never;
};

/** A flag that takes the word behind it, as in `--within 30d`. */
export interface Option<T> {
  /** An example of the word, for help. */
  readonly usage: string;
  /** What the flag does, for help: a sentence without its full stop. */
  readonly does: string;
  /** Its value is free text, which is taken out of the line before words are made of it; may stand in quotes. */
  readonly takes?: PhraseShape;
  /** Pure; never throws. */
  read(word: string): Understood<T>;
}

export type OptionSet = Readonly<Record<string, Option<unknown>>>;
/** The options that were given. */
export type GivenOptions<O extends OptionSet> = {
  readonly [K in keyof O]?: O[K] extends Option<infer T> ? T : never;
};

/** What the bot does by itself, at once, in place of a worker. It asks by itself who may. Reasons are plain text as typed. */
export type Deed =
  | { readonly job: 'changes'; readonly ask: ChangesAsk }
  | { readonly job: 'locks' }
  | { readonly job: 'release-lock'; readonly lock: string; readonly reason: string }
  /** `reason` may be empty when it is lifted. */
  | { readonly job: 'freeze'; readonly on: boolean; readonly reason: string }
  /** `target` is a node or a cluster; null where none was named. */
  | { readonly job: 'break-glass'; readonly target: string | null; readonly reason: string };

/** What a command wants done: a job, something at once, or help. */
export type Intent = Wish | Deed | { readonly job: 'help'; readonly command: string | null };

/** What is asked of a person before the command is taken; the policy decides by it. */
export type CommandAction = 'help' | 'diagnose' | 'propose' | 'enrol' | 'see-changes';

/** A slash command as a value: help, argument errors, the form and the Slack manifest are all made from it. */
export interface Command<S extends ArgumentSet = ArgumentSet, O extends OptionSet = OptionSet> {
  readonly name: `/${string}`;
  /** One line, a question or a sentence. */
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly action: CommandAction;
  /** The diagnostic that it runs; null where it runs none, or none by itself. */
  readonly runs: string | null;
  readonly args: S;
  /** Flags without a value, and what each does: `{ deep: 'logs in to every LPAR' }` is `--deep`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Flags with a value. */
  readonly options: O;
  readonly request: (values: Values<S>, flags: ReadonlySet<string>, options: GivenOptions<O>) => Intent;
  /**
   * Lines that are read as a whole, before words are made of them: a reason keeps its commas. null for any other line.
   * Pure; never throws.
   */
  readonly verb: (text: string, vocabulary: Vocabulary) => Understood<Intent> | null;
  /** Slack is to turn `@name` into a person's id. */
  readonly takesPeople: boolean;
  /** Why what was understood word by word makes no sense together, and what to type; null where it does. Pure. */
  readonly refuses: (values: Values<S>) => { readonly message: string; readonly hint: string } | null;
  /** What is not said by the words alone, added to what the card shows; null when there is nothing to add. */
  readonly note: (values: Values<S>) => string | null;
}

type Definition<S extends ArgumentSet, O extends OptionSet> = Omit<Command<S, O>, Optional> &
  Partial<Pick<Command<S, O>, Optional>>;

/** What a definition may leave out. */
type Optional = 'note' | 'refuses' | 'flags' | 'options' | 'verb' | 'takesPeople' | 'runs';

/** Keeps the types of a definition's arguments while fitting it to the registry. */
export function command<S extends ArgumentSet, O extends OptionSet>(definition: Definition<S, O>): Command {
  const plain = {
    note: () => null,
    refuses: () => null,
    flags: {},
    options: {},
    verb: () => null,
    takesPeople: false,
    runs: null,
  };
  return { ...plain, ...definition } as unknown as Command;
}

/** `/rmc-status <targets> [--deep]`, `/cert-expiry [targets] [--within 30d]` */
export function usageOf(one: Pick<Command, 'name' | 'args' | 'flags' | 'options'>): string {
  const args = Object.values(one.args).map((argument) => argument.usage);
  const options = Object.entries(one.options).map(([name, { usage }]) => `[--${name} ${usage}]`);
  return [one.name, ...args, ...Object.keys(one.flags).map((flag) => `[--${flag}]`), ...options].join(' ');
}

/** One line for each argument and each flag, for help. */
export function explanationsOf(one: Pick<Command, 'args' | 'flags' | 'options'>): readonly string[] {
  const args = Object.values(one.args).flatMap((argument) => [
    argument.explains,
    ...(argument.details ?? []),
  ]);
  const options = Object.entries(one.options).map(([name, { usage, does }]) => `--${name} ${usage} ${does}.`);
  return [...args, ...Object.entries(one.flags).map(([flag, does]) => `--${flag} ${does}.`), ...options];
}
