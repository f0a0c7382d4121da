/**
 * How the lines of a digest's thread share messages. A line stays in its message however often it is drawn again, so
 * what people may come to say of it has its room from the start.
 */
import type { KnownBlock } from '@slack/types';
import type { LineMarks } from '../../digest/marked.js';
import { markLines } from './digest-words.js';
import { weightOf } from './dress.js';
import { clipMrkdwn } from './text.js';

/** Of the 12,000 characters of a message, what is left beside its head and its last line. */
const roomForLines = 10_200;
/** One message with more lines is no reading any more. */
const linesPerMessage = 6;
/** What is kept free for what people say of a line, as JSON. */
const roomForMarks = 1_000;

/** Lines in as few messages as their blocks allow, in order; `bare` draws a line of which nobody has said anything. */
export function packed<T>(
  lines: readonly T[],
  bare: (line: T) => readonly KnownBlock[],
): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  let room = 0;
  for (const line of lines) {
    const needed = weightOf(bare(line)) + roomForMarks;
    const last = chunks.at(-1);
    if (last === undefined || needed > room || last.length === linesPerMessage) {
      chunks.push([line]);
      room = roomForLines - needed;
    } else {
      last.push(line);
      room -= needed;
    }
  }
  return chunks;
}

/** What people did to a line, one sentence each, within the room that is kept for it. */
export function marksWithin(marks: LineMarks | undefined): readonly string[] {
  const all = markLines(marks).join('\n');
  if (all === '') return [];
  // In JSON a quote takes two characters, and nothing takes more.
  return [JSON.stringify(all).length <= roomForMarks ? all : clipMrkdwn(all, roomForMarks / 2 - 10)];
}
