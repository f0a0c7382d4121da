import type { Message } from '../../core/message.js';
import type { Request } from '../../core/request.js';
import { message, section } from './dress.js';
import { diagnosticOf, origin } from './request-origin.js';
import { clip, code, count, escapeText, plural } from './text.js';
import { levelCounts } from './verdict-table.js';
import { person, targetNoun } from './words.js';

/** Who stopped reading, how far it came, and that nothing is known of the rest. Ready mrkdwn. */
export function stoppedHead(request: Request): string {
  const { verdicts, total } = request;
  const noun = targetNoun(diagnosticOf(request));
  const all = plural(total, noun);
  const unread = total - verdicts.length;
  if (verdicts.length === 0)
    return `${mark} *${whoStopped(request)} before there was a verdict:* nothing is known of the ${all}.`;
  const rest =
    unread === 0
      ? 'All of them were read.'
      : unread === 1
        ? 'The other one was not read: nothing is known of it.'
        : `The other ${count(unread)} were not read: nothing is known of them.`;
  const counts = `${count(verdicts.length)} of ${all}`;
  return `${mark} *${whoStopped(request)} after ${counts}: ${levelCounts(verdicts)}.* ${rest}`;
}

const mark = '■';

/** The card of a request that was stopped and of which nothing is left to show. */
export function nothingKept(request: Request): Message {
  const head = request.wish.job === 'cert-expiry' ? undigested(request) : stoppedHead(request);
  const calm = 'Nothing was changed.';
  return message({
    text: `${escapeText(clip(request.asked, 200))}: ${head} ${calm}`,
    first: [section(`${head} ${calm}`)],
    last: [origin(request)],
  });
}

/** Of certificates nothing is shown by half: what is missing would read as if nothing expired there. */
function undigested(request: Request): string {
  const { done, total } = request;
  const many = plural(total, 'node');
  const far = done === 0 ? 'before any node was read' : `after ${count(done)} of ${many}`;
  return `${mark} *${whoStopped(request)} ${far}: no digest is made.* Nothing is known of what expires on the ${many}.`;
}

function whoStopped({ stopped }: Request): string {
  if (stopped === undefined) return 'Stopped';
  const who = person(stopped.by);
  if (stopped.newer === null) return `Stopped by ${who}`;
  return `${who} asked the same again, and request ${code(clip(stopped.newer, 60))} took its place. Stopped`;
}
