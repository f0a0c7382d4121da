import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { CertificateLine, Edition, RotationLine, TroubleLine } from '../../digest/edition.js';
import { certificatesOf, type EditionMarks, type LineMarks } from '../../digest/marked.js';
import { groupBy } from '../../digest/memory.js';
import type { Message } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import {
  bandMarks,
  endedLine,
  foreign,
  originWords,
  ownerWords,
  placeWords,
  rotationWords,
  storeWords,
  troubleWords,
  turnWords,
  validityWords,
} from './digest-words.js';
import { marksWithin, packed } from './digest-pack.js';
import { actions, button, context, message, section } from './dress.js';
import { count, oneLine, plural, someOf } from './text.js';

/** So many certificates have buttons; the others are in the file. */
export const linesAtMost = 20;
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
  return isLong || isMuch || turnText(edition).length > turnRoom || edition.notChecked.length > 20;
}

function ownerParts(edition: Edition, marks: EditionMarks): readonly DigestPart[] {
  const all = certificatesOf(edition);
  const shown = all.slice(0, linesAtMost);
  // The owner of the worst comes first.
  const owners = [...groupBy(shown, ({ owner }) => owner ?? '').values()];
  const bare = (line: CertificateLine) => certificateBlocks(line, undefined, edition, true);
  const chunks = owners.flatMap((own) => packed(inPlaceOrder(own), bare));
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
  const rows = lines.flatMap((line, at) => {
    const before = lines[at - 1];
    const isFirst = before === undefined || groupName(before) !== groupName(line);
    return certificateBlocks(line, marks.get(line.id), edition, isFirst);
  });
  return message({
    text: [head, ...texts].join('\n'),
    first: [section(head)],
    asRoomAllows: rows,
    last: more,
  });
}

function certificateBlocks(
  line: CertificateLine,
  marks: LineMarks | undefined,
  { at }: Edition,
  isFirst: boolean,
): readonly KnownBlock[] {
  const under = isFirst ? [context(`*${foreign(groupName(line), 80)}*`)] : [];
  return [...under, section(certificateText(line, marks, Date.parse(at))), certificateButtons(line)];
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
    ...marksWithin(marks),
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
  const labelled = (what: string) => ({ label: `${what}: ${redact(oneLine(name))}` });
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
  const chunks = packed(shown, (line) => otherBlocks(line, undefined));
  const rest = others.length - shown.length;
  const head = '*Needs attention*';
  return chunks.map((chunk, at) => {
    const isLast = at === chunks.length - 1;
    const drawn = message({
      text: [head, ...chunk.map((line) => otherText(line, marks.get(line.id)))].join('\n'),
      first: [section(head)],
      asRoomAllows: chunk.flatMap((line) => otherBlocks(line, marks.get(line.id))),
      last: isLast && rest > 0 ? [context(`… and ${count(rest)} more: see the file below.`)] : [],
    });
    return { key: `attention-${at}`, lines: chunk.map(({ id }) => id), message: drawn };
  });
}

type Other = TroubleLine | RotationLine;

function otherBlocks(line: Other, marks: LineMarks | undefined): readonly KnownBlock[] {
  return [section(otherText(line, marks)), otherButtons(line)];
}

function otherText(line: Other, marks: LineMarks | undefined): string {
  const words = line.kind === 'trouble' ? troubleWords(line) : rotationWords(line);
  const owner = line.owner === null ? [] : [`Owner ${ownerWords(line.owner)}.`];
  return [words, ...owner, ...marksWithin(marks)].join('\n');
}

function otherButtons(line: Other): ActionsBlock {
  const about = line.kind === 'trouble' ? line.target : line.cluster;
  const labelled = (what: string) => ({ label: `${what}: ${redact(oneLine(about))}` });
  const recheck = [button('cert-recheck', 'Recheck now', line.id, labelled('Recheck now'))];
  return actions([
    button('cert-acknowledge', 'Acknowledge', line.id, labelled('Acknowledge')),
    button('cert-snooze', 'Snooze', line.id, labelled('Snooze')),
    ...(line.kind === 'trouble' ? recheck : []),
  ]);
}

/** More new ones than this are counted: whoever adds a host knows what is on it. */
const newAtMost = 5;

/** What one section shows; what is longer is in the file. */
const turnRoom = 2_900;

function turnParts(edition: Edition): readonly DigestPart[] {
  if (edition.turns.length === 0) return [];
  const text = turnText(edition);
  return [{ key: 'turns', lines: [], message: message({ text, first: [section(text)] }) }];
}

function turnText({ turns, since }: Edition): string {
  const news = turns.filter(({ kind }) => kind === 'new');
  const rest = turns.filter(({ kind }) => kind !== 'new');
  const lines = [
    ...rest.slice(0, turnsAtMost).map(turnWords),
    ...(rest.length > turnsAtMost
      ? [`… and ${count(rest.length - turnsAtMost)} more: see the file below.`]
      : []),
    ...(news.length > newAtMost ? [manyNew(news)] : news.map(turnWords)),
  ];
  return [`*Changed${since === null ? '' : ` since ${since}`}*`, ...lines].join('\n');
}

function manyNew(news: Edition['turns']): string {
  const hosts = [...new Set(news.map(({ target }) => foreign(target, 60)))];
  return `+ New: ${plural(news.length, 'certificate')} on ${someOf(hosts, 6)}, named in the file below.`;
}
