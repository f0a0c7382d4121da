import { didYouMean } from '../../../core/did-you-mean.js';
import type { ReadWords, WordForm } from '../../definition.js';

/** What `rsct-rebuild` is asked to do. `mode` is null where the findings decide. */
export interface Rebuild {
  readonly mode: 'new' | 'set' | 'keep' | null;
  /** For `set`: 9 to 16 lower-case hex digits, as recfgct takes them. */
  readonly nodeId: string | null;
  readonly deleteCluster0: boolean;
  /** Why, where the facts alone do not prove the need. */
  readonly reason: string | null;
}

const longestReason = 200;
const known = ['-n', '-i', '-s', '--delete-cluster0', '--reason'] as const;

/** The words of `rsct-rebuild`. */
export const rebuildWords: WordForm = {
  usage: '-n | -i ID | -s [--delete-cluster0] [--reason WORDS]',
  explains: [
    '-n gives the node a new node ID: for the clone of another node.',
    '-i ID gives it this node ID, 9 to 16 hex digits: for one that it lost.',
    '-s keeps the ID of /etc/ct_node_id and makes everything else new.',
    '--delete-cluster0 also removes the CAA device from the ODM, where an old ID came back; with --reason.',
    '--reason WORDS, last, says why where the facts alone do not: it is shown to who approves.',
  ],
  read: (words) => {
    const read = readRebuild(words);
    return 'message' in read ? read : { kind: 'understood', words: typedAgain(read) };
  },
};

type NotUnderstood = Extract<ReadWords, { kind: 'not-understood' }>;

/** What the words ask for, or why they make no sense. */
export function readRebuild(words: readonly string[]): Rebuild | NotUnderstood {
  const at = words.indexOf('--reason');
  const flags = at < 0 ? words : words.slice(0, at);
  const reason = at < 0 ? null : reasonOf(words.slice(at + 1));
  let asked: Rebuild = { mode: null, nodeId: null, deleteCluster0: false, reason };
  if (at >= 0 && reason === null)
    return wrong(`--reason takes 3 to ${longestReason} characters of plain text behind it.`, null);
  // Phones and word processors make a long dash of a short one.
  const rest = flags.map((word) => (/^--[nis]$/.test(word) ? word.slice(1) : word));
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const next = withWord(asked, word, word === '-i' ? rest.shift() : undefined);
    if (typeof next === 'string') return wrong(next, meant(words, word));
    asked = next;
  }
  return asked.deleteCluster0 ? withCluster0(asked, words) : asked;
}

function withWord(asked: Rebuild, word: string, value: string | undefined): Rebuild | string {
  if (word === '--delete-cluster0') return { ...asked, deleteCluster0: true };
  if (word !== '-n' && word !== '-i' && word !== '-s') return `rsct-rebuild knows no "${word}".`;
  if (asked.mode !== null) return 'Only one of -n, -i ID and -s makes sense.';
  if (word === '-n') return { ...asked, mode: 'new' };
  if (word === '-s') return { ...asked, mode: 'keep' };
  const nodeId = nodeIdIn(value ?? '');
  if (nodeId === null) return `-i takes a node ID of 9 to 16 hex digits, not "${value ?? ''}".`;
  return { ...asked, mode: 'set', nodeId };
}

/** Where an ID is kept on purpose there is nothing that could come back. */
function withCluster0(asked: Rebuild, words: readonly string[]): Rebuild | NotUnderstood {
  const others = words.filter((word) => word !== '--delete-cluster0');
  if (asked.mode !== 'new' && asked.mode !== 'set')
    return wrong('--delete-cluster0 goes with -n or -i ID only.', others);
  if (asked.reason !== null) return asked;
  return wrong(
    '--delete-cluster0 is for a node whose old ID came back after a rebuild: say so with --reason.',
    null,
  );
}

/** The ID as recfgct takes it; null for what is none. IBM writes it with and without 0x. */
function nodeIdIn(word: string): string | null {
  const bare = word.replace(/^0x/i, '').toLowerCase();
  return /^[0-9a-f]{9,16}$/.test(bare) && /[1-9a-f]/.test(bare) ? bare : null;
}

function reasonOf(words: readonly string[]): string | null {
  const text = words
    .join(' ')
    .replace(/[^\p{L}\p{N}\p{P}\p{Sm}\p{Sc} ]/gu, '')
    .replace(/ +/g, ' ')
    .trim();
  return text.length < 3 || text.length > longestReason ? null : text;
}

function typedAgain({ mode, nodeId, deleteCluster0, reason }: Rebuild): readonly string[] {
  const first = { new: ['-n'], keep: ['-s'], set: ['-i', nodeId ?? ''] };
  return [
    ...(mode === null ? [] : first[mode]),
    ...(deleteCluster0 ? ['--delete-cluster0'] : []),
    ...(reason === null ? [] : ['--reason', reason]),
  ];
}

/** The words with one put right: IBM's own page writes `-I`, and dashes get lost. */
function meant(words: readonly string[], word: string): readonly string[] | null {
  const bare = word.replace(/^-+/, '').toLowerCase();
  const near = { n: '-n', i: '-i', s: '-s', new: '-n', same: '-s' }[bare] ?? didYouMean(word, known);
  return near === null || near === word ? null : words.map((one) => (one === word ? near : one));
}

function wrong(message: string, instead: readonly string[] | null): NotUnderstood {
  const hint = instead === null ? '' : ` Did you mean ${instead.join(' ')}?`;
  return { kind: 'not-understood', message: `${message}${hint}`, instead };
}
