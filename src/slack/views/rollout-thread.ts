import { membersOf, standOf, type Rollout } from '../../approval/rollout-states.js';
import type { Change } from '../../approval/states.js';
import type { Message } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import { message, section } from './dress.js';
import {
  rolloutHead,
  standCounts,
  stands,
  stopWords,
  targetsOf,
  type RolloutSight,
} from './rollout-words.js';
import { clip, escapeText, oneLine } from './text.js';
import { when } from './time.js';
import { person, prose } from './words.js';

/** Lines of one message: with a note each they stay below the 2,900 characters of a section. */
const linesPerMessage = 12;

/** Says in the thread that somebody must decide: the card is an edited message, and an edit notifies nobody. */
export function rolloutNotice(rollout: Rollout, approversHint: string): Message {
  const n = targetsOf(rollout, membersOf(rollout).length);
  const line = `*${escapeText(clip(rollout.title, 160))}, on ${n}* waits for approval by ${approversHint}, until ${when(rollout.expiresAt)}.`;
  return message({ text: `${line} The list is in the card above.`, first: [section(line)] });
}

/** One line for each target, in the order in which they go; drawn anew as they move on. */
export function rolloutLines(rollout: Rollout, { changes }: RolloutSight): readonly Message[] {
  const lines = rollout.waves.flatMap((wave, at) =>
    wave.map(({ target }) => targetLine(target, at + 1, changes.get(target) ?? null)),
  );
  const chunks: string[][] = [];
  for (let from = 0; from < lines.length; from += linesPerMessage)
    chunks.push(lines.slice(from, from + linesPerMessage));
  return chunks.map((chunk) => message({ text: chunk.join('\n'), first: [section(chunk.join('\n'))] }));
}

function targetLine(target: string, wave: number, change: Change | null): string {
  const stand = standOf(change);
  const { mark, word } = stands[stand];
  const since = change?.history.at(-1);
  const at = since === undefined || stand === 'to-come' ? '' : ` ${when(since.at)}`;
  const said = change === null || stand === 'verified' ? '' : prose(clip(redact(oneLine(change.note)), 80));
  return `${mark} *${escapeText(clip(target, 40))}*: ${word}${at} · wave ${wave}${said === '' ? '' : ` · ${said}`}`;
}

/** Tells, as a message of its own, that it was stopped or has ended; null while there is nothing to tell. */
export function rolloutEndNotice(rollout: Rollout, { changes }: RolloutSight): Message | null {
  const { state, stop, requester } = rollout;
  const told =
    ['done', 'stopped', 'expired'].includes(state) || (state === 'stopping' && stop?.by === 'worker');
  if (!told) return null;
  const lines = [
    `${rolloutHead(rollout)} ${person(requester)}`,
    stopWords(rollout, person),
    rollout.begun === 0 ? 'Nothing was run.' : `${standCounts(rollout, changes)}.`,
    'What now stands on the card above.',
  ].filter((line) => line !== '');
  return message({ text: lines.join('\n'), first: [section(lines.join('\n'))] });
}
