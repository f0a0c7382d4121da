import type { Attachment } from '../src/core/message.js';
import type { Edition } from '../src/digest/edition.js';
import { itemsOfLine, marksOfLines, type EditionMarks } from '../src/digest/marked.js';
import type { DigestStore } from '../src/digest/store.js';
import { yearInWords } from '../src/digest/year-ahead.js';
import type { Outbox } from '../src/outbox/outbox.js';
import { digestFileSteps } from '../src/slack/views/digest-file.js';
import { digestParent, isQuiet } from '../src/slack/views/digest-parent.js';
import { digestThread, isOver } from '../src/slack/views/digest-thread.js';
import { inSlices } from '../src/loop/slices.js';
import type { Tools } from './tools.js';

/** What drawing an edition needs. */
export interface ShowDigestTools {
  readonly digest: DigestStore;
  readonly outbox: Outbox;
}

/** Puts a whole edition into the outbox, each message once however often this is done, whatever became of it since. */
export async function postEdition(
  edition: Edition,
  drawYear: Tools['drawYear'],
  tools: ShowDigestTools,
): Promise<void> {
  const marks = await marksOf(edition, tools.digest);
  const { outbox } = tools;
  const parent = { kind: 'message', message: digestParent(edition, marks) } as const;
  // The card of a request was there before: it becomes the digest.
  if (edition.asked === null) await outbox.putOnce(parentLetter(edition), parent);
  else await outbox.put(parentLetter(edition), parent);
  if (isQuiet(edition)) return;
  const picture = await pictureOf(edition, drawYear);
  if (picture !== null) await outbox.putOnce(threadLetter(edition, 'year'), { kind: 'file', file: picture });
  for (const part of digestThread(edition, marks))
    await outbox.putOnce(threadLetter(edition, part.key), { kind: 'message', message: part.message });
  if (isOver(edition))
    await outbox.putOnce(threadLetter(edition, 'file'), {
      kind: 'file',
      file: await inSlices(digestFileSteps(edition)),
    });
}

/** Draws one line anew where it stands, and the parent above it. */
export async function redrawLine(edition: Edition, line: string, tools: ShowDigestTools): Promise<void> {
  const marks = await marksOf(edition, tools.digest);
  const part = digestThread(edition, marks).find(({ lines }) => lines.includes(line));
  if (part !== undefined)
    await tools.outbox.put(threadLetter(edition, part.key), { kind: 'message', message: part.message });
  await tools.outbox.put(parentLetter(edition), { kind: 'message', message: digestParent(edition, marks) });
}

async function marksOf(edition: Edition, digest: DigestStore): Promise<EditionMarks> {
  const items = edition.lines.flatMap(itemsOfLine);
  const [kept, rechecks] = await Promise.all([digest.marks(items), digest.rechecks(edition.id)]);
  return marksOfLines(edition.lines, kept, rechecks, edition.at);
}

async function pictureOf({ date, year }: Edition, drawYear: Tools['drawYear']): Promise<Attachment | null> {
  const png = await drawYear(year);
  if (png === null) return null;
  return {
    filename: `certificates-year-ahead-${date}.png`,
    title: 'Certificates that end in the next twelve months',
    content: png.toString('base64'),
    encoding: 'base64',
    altText: yearInWords(year),
  };
}

/** The outbox key of the message that an edition's thread hangs on. */
function parentKey({ id, asked }: Edition): string {
  return asked === null ? `digest:${id}` : `request:${id}`;
}

function parentLetter(edition: Edition) {
  const { channel, asked } = edition;
  const thread = asked?.threadTs == null ? null : { ts: asked.threadTs };
  const priority = asked === null ? ('digest' as const) : ('card' as const);
  // A channel that has not let us in takes no digest, and there is no person to tell it to in its place.
  return { key: parentKey(edition), channel, thread, priority, user: asked?.by ?? channel };
}

function threadLetter(edition: Edition, name: string) {
  const { channel, asked } = edition;
  const thread = { key: parentKey(edition) };
  const key = `${parentKey(edition)}:${name}`;
  return { key, channel, thread, priority: 'digest' as const, user: asked?.by ?? channel };
}
