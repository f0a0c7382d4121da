import type { Button } from '@slack/types';
import type { Message } from '../../core/message.js';
import { onlyReads, type Request } from '../../core/request.js';
import { actions, button, context, message, section } from './dress.js';
import { headline, worstFirst } from './findings.js';
import { diagnosticOf, origin } from './request-origin.js';
import { checklist, type Task } from './rich.js';
import { clip, code, count, escapeText, plural } from './text.js';
import { tally } from './verdict-table.js';
import { subjectOf, targetNoun } from './words.js';

/** The worst are named while the rest is still read; more than these would push the counts off a phone. */
const namedAtMost = 5;

/** The card of a request that waits for a worker or is read: how far it is, the worst so far, and a button that stops it. */
export function runningCard(request: Request): Message {
  const { total, done, phase } = request;
  const doing = doingWords(request);
  const state = phase === 'queued' ? `Queued: ${doing.toLowerCase().slice(0, 1)}${doing.slice(1)}` : doing;
  const progress = phase === 'queued' || total === 0 ? '' : `: ${done} of ${total} done`;
  const calm = 'Nothing is changed by this.';
  const lines = linesSoFar(request);
  const end = atMost(request);
  const soFar = [
    ...(lines.length === 0 ? [] : [section(lines.join('\n'))]),
    ...end.map((line) => context(line)),
  ];
  return message({
    text: [`${escapeText(clip(request.asked, 200))} — ${state}${progress}. ${calm}`, ...lines, ...end].join(
      '\n',
    ),
    first: [section(`▷ *${state}${progress}.* ${calm}`), ...soFar],
    rich: { first: [checklist(`${state}. ${calm}`, tasksOf(request)), ...soFar] },
    last: [...(mayBeStopped(request) ? [actions([stopButton(request)])] : []), origin(request)],
  });
}

/** So that nobody waits for a dead node without knowing for how long. */
function atMost({ phase, endsWithinMs }: Request): readonly string[] {
  if (phase !== 'reading' || endsWithinMs === undefined) return [];
  return [
    `It takes at most ${Math.round(endsWithinMs / 1_000)} s; what has not answered by then is told as unknown.`,
  ];
}

/** How many of which verdict there are so far, and the worst by name. */
function linesSoFar(request: Request): readonly string[] {
  const { verdicts } = request;
  if (verdicts.length === 0) return [];
  const notOk = worstFirst(verdicts).filter(({ verdict }) => verdict !== 'ok');
  const rest = notOk.length - namedAtMost;
  return [
    `So far ${tally(verdicts, targetNoun(diagnosticOf(request)))}.`,
    ...notOk.slice(0, namedAtMost).map((verdict) => headline(verdict)),
    ...(rest > 0 ? [`… and ${count(rest)} more that ${rest === 1 ? 'is' : 'are'} not healthy.`] : []),
  ];
}

/** One target is read sooner than anybody stops it. */
function mayBeStopped({ wish, total }: Request): boolean {
  return onlyReads(wish) && total > 1;
}

function stopButton({ id, total, wish }: Request): Button {
  const kept = wish.job === 'diagnose' ? `what was read of the ${count(total)} is kept` : 'no digest is made';
  const label = `Stop reading: ${kept}`;
  return button('stop-reading', 'Stop reading', id, { label });
}

function tasksOf({ phase, total, done, wish }: Request): readonly Task[] {
  const isRead = total > 0 && done >= total;
  const reading = total === 0 ? 'Reading' : `Reading: ${done} of ${total} done`;
  const last =
    wish.job === 'propose-fix' || wish.job === 'propose-rollout' || wish.job === 'roll-back'
      ? 'Making the plan'
      : 'Judging what was read';
  return [
    { title: 'Taken by a worker', status: phase === 'queued' ? 'in_progress' : 'complete' },
    { title: reading, status: phase === 'queued' ? 'pending' : isRead ? 'complete' : 'in_progress' },
    { title: last, status: phase !== 'queued' && isRead ? 'in_progress' : 'pending' },
  ];
}

function doingWords(request: Request): string {
  const { wish } = request;
  switch (wish.job) {
    case 'diagnose':
      return `Reading ${escapeText(subjectOf(wish.diagnostic))}`;
    case 'propose-fix':
      return `Reading ${escapeText(clip(wish.target, 60))} for a plan of ${code(wish.fix)}`;
    case 'propose-rollout':
      return `Reading ${plural(request.total, 'target')} for a roll-out of ${code(wish.fix)}`;
    case 'roll-back':
      return `Making the plan that undoes change ${code(clip(wish.change, 60))}`;
    case 'cert-expiry':
      return 'Reading certificates';
    case 'enrol':
      return 'Fetching host keys, without logging in';
  }
}
