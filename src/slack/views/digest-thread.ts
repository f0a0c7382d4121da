import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { CertificateLine, Edition, Line, RotationLine, TroubleLine } from '../../digest/edition.js';
import { certificatesOf, type EditionMarks, type LineMarks } from '../../digest/marked.js';
import { groupBy } from '../../digest/memory.js';
import type { Message } from '../../core/message.js';
import {
  bandMarks,
  endedLine,
  foreign,
  markLines,
  originWords,
  ownerWords,
  placeWords,
  rotationWords,
  storeWords,
  troubleWords,
  turnWords,
  validityWords,
} from './digest-words.js';
import { actions, button, context, message, section } from './dress.js';
import { count, plural, someOf } from './text.js';

/** So many certificates have buttons; the others are in the file. */
export const linesAtMost = 20;
/** One message has room for so many with their buttons. */
const linesPerMessage = 6;
const othersAtMost = 12;
const turnsAtMost = 15;

/** One message of a digest's thread; `lines` are the ids that have buttons in it. */
export interface DigestPart {
  /** Unique within the edition, and the same whenever it is drawn again. */
  readonly key: string;
  readonly lines: readonly string[];
  readonly message: Message;
}

/** The thread: certificates by owner, cluster and host; then what needs attention; then what changed. */
export function digestThread(edition: Edition, marks: EditionMarks): readonly DigestPart[] {
  return [...ownerParts(edition, marks), ...attentionParts(edition, marks), ...turnParts(edition)];
}

/** Whether something has no room in the thread, so that a file must hold it. */
export function isOver(edition: Edition): boolean {
  const others = edition.lines.length - certificatesOf(edition).length;
  const news = edition.turns.filter(({ kind }) => kind === 'new').length;
  const isLong = certificatesOf(edition).length > linesAtMost || others > othersAtMost;
  const isMuch = news > newAtMost || edition.turns.length - news > turnsAtMost;
  return isLong || isMuch || edition.notChecked.length > 20;
}

function ownerParts(edition: Edition, marks: EditionMarks): readonly DigestPart[] {
  const all = certificatesOf(edition);
  const shown = all.slice(0, linesAtMost);
  // The owner of the worst comes first.
  const owners = [...groupBy(shown, ({ owner }) => owner ?? '').values()];
  const chunks = owners.flatMap((own) => inChunks(inPlaceOrder(own)));
  return chunks.map((chunk, at) => {
    const isLast = at === chunks.length - 1;
    const rest = all.length - shown.length;
    const more = isLast && rest > 0 ? [context(`… and ${count(rest)} more: see the file below.`)] : [];
    return {
      key: `owner-${at}`,
      lines: chunk.map(({ id }) => id),
      message: ownerMessage(edition, chunk, marks, more),
    };
  });
}

function inPlaceOrder(lines: readonly CertificateLine[]): readonly CertificateLine[] {
  const places = groupBy(lines, groupName);
  return [...places.values()].flat();
}

/** Under which name a certificate stands: its cluster's, else its host's. */
function groupName({ places }: CertificateLine): string {
  const [first] = places;
  const hosts = new Set(places.map(({ target }) => target));
  if (first?.cluster != null) return `cluster ${first.cluster}`;
  return hosts.size > 1 ? 'several hosts' : (first?.target ?? '');
}

function inChunks<T>(all: readonly T[]): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let from = 0; from < all.length; from += linesPerMessage)
    chunks.push(all.slice(from, from + linesPerMessage));
  return chunks;
}

function ownerMessage(
  edition: Edition,
  lines: readonly CertificateLine[],
  marks: EditionMarks,
  more: readonly KnownBlock[],
): Message {
  const owner = lines[0]?.owner ?? null;
  const head =
    owner === null
      ? `*No owner:* nobody is asked to renew ${lines.length === 1 ? 'this' : 'these'}. Press Assign owner.`
      : `*Owner ${ownerWords(owner)}:* ${plural(lines.length, 'certificate')}`;
  const atMs = Date.parse(edition.at);
  const texts = lines.map((line) => certificateText(line, marks.get(line.id), atMs));
  const rows = lines.flatMap((line, at): KnownBlock[] => {
    const name = groupName(line);
    const before = lines[at - 1];
    const isFirst = before === undefined || groupName(before) !== name;
    const under = isFirst ? [context(`*${foreign(name, 80)}*`)] : [];
    return [...under, section(texts[at] ?? ''), certificateButtons(line)];
  });
  return message({
    text: [head, ...texts].join('\n'),
    first: [section(head)],
    asRoomAllows: rows,
    last: more,
  });
}

function certificateText(line: CertificateLine, marks: LineMarks | undefined, atMs: number): string {
  const isDone = marks?.hush != null || marks?.recheck?.isDone === true;
  const mark = isDone ? '✔' : bandMarks[line.band];
  const stale = line.places.find(({ lastSeen }) => lastSeen !== null)?.lastSeen ?? null;
  return [
    `${mark} *${foreign(line.name, 80)}* ${validityWords(line, atMs)}`,
    `${placeWords(line.places, line.quietPlaces)} · ${storeWords(line.places)}`,
    originWords(line),
    ...(stale === null ? [] : [`Not read today: this is what was read on ${stale}.`]),
    ...clusterNote(line),
    ...endedLine(line),
    ...markLines(marks),
  ].join('\n');
}

function clusterNote({ isClusterSecurity, band }: CertificateLine): readonly string[] {
  if (!isClusterSecurity) return [];
  const what = band === 'expired' ? 'That it has expired' : 'Its end';
  return [
    `A configured PowerHA cluster certificate. ${what} is no proof that communication fails: Diagnose clcomd looks.`,
  ];
}

function certificateButtons(line: CertificateLine): ActionsBlock {
  const { id, name } = line;
  const labelled = (what: string) => ({ label: `${what}: ${name}` });
  return actions([
    button('cert-acknowledge', 'Acknowledge', id, labelled('Acknowledge')),
    button('cert-snooze', 'Snooze', id, labelled('Snooze')),
    button('cert-assign', 'Assign owner', id, labelled('Assign owner')),
    button('cert-recheck', 'Recheck now', id, labelled('Recheck now')),
    button('cert-details', 'Details', id, labelled('Details')),
    ...(line.isClusterSecurity
      ? [button('cert-clcomd', 'Diagnose clcomd', id, labelled('Diagnose clcomd'))]
      : []),
  ]);
}

function attentionParts(edition: Edition, marks: EditionMarks): readonly DigestPart[] {
  const others = edition.lines.filter((line) => line.kind !== 'certificate');
  if (others.length === 0) return [];
  const shown = others.slice(0, othersAtMost);
  const texts = shown.map((line) => otherText(line, marks.get(line.id)));
  const rows = shown.flatMap((line, at) => [section(texts[at] ?? ''), otherButtons(line)]);
  const rest = others.length - shown.length;
  const head = '*Needs attention*';
  const drawn = message({
    text: [head, ...texts].join('\n'),
    first: [section(head)],
    asRoomAllows: rows,
    last: rest > 0 ? [context(`… and ${count(rest)} more: see the file below.`)] : [],
  });
  return [{ key: 'attention', lines: shown.map(({ id }) => id), message: drawn }];
}

function otherText(line: TroubleLine | RotationLine, marks: LineMarks | undefined): string {
  const words = line.kind === 'trouble' ? troubleWords(line) : rotationWords(line);
  const owner = line.owner === null ? [] : [`Owner ${ownerWords(line.owner)}.`];
  return [words, ...owner, ...markLines(marks)].join('\n');
}

function otherButtons(line: Exclude<Line, CertificateLine>): ActionsBlock {
  const about = line.kind === 'trouble' ? line.target : line.cluster;
  const labelled = (what: string) => ({ label: `${what}: ${about}` });
  const recheck = [button('cert-recheck', 'Recheck now', line.id, labelled('Recheck now'))];
  return actions([
    button('cert-acknowledge', 'Acknowledge', line.id, labelled('Acknowledge')),
    button('cert-snooze', 'Snooze', line.id, labelled('Snooze')),
    ...(line.kind === 'trouble' ? recheck : []),
  ]);
}

/** More new ones than this are counted: whoever adds a host knows what is on it. */
const newAtMost = 5;

function turnParts({ turns, since }: Edition): readonly DigestPart[] {
  if (turns.length === 0) return [];
  const news = turns.filter(({ kind }) => kind === 'new');
  const rest = turns.filter(({ kind }) => kind !== 'new');
  const lines = [
    ...rest.slice(0, turnsAtMost).map(turnWords),
    ...(rest.length > turnsAtMost
      ? [`… and ${count(rest.length - turnsAtMost)} more: see the file below.`]
      : []),
    ...(news.length > newAtMost ? [manyNew(news)] : news.map(turnWords)),
  ];
  const text = [`*Changed${since === null ? '' : ` since ${since}`}*`, ...lines].join('\n');
  return [{ key: 'turns', lines: [], message: message({ text, first: [section(text)] }) }];
}

function manyNew(news: Edition['turns']): string {
  const hosts = [...new Set(news.map(({ target }) => foreign(target, 60)))];
  return `+ New: ${plural(news.length, 'certificate')} on ${someOf(hosts, 6)}, named in the file below.`;
}
