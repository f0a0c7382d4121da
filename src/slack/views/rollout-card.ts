import type { Button, KnownBlock } from '@slack/types';
import { endsRollout, membersOf, restOf, type Rollout } from '../../approval/rollout-states.js';
import type { Message } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import { heldLines } from './change-held.js';
import { actions, button, context, message, section } from './dress.js';
import { checklist, type Task } from './rich.js';
import { proposedRollout } from './rollout-proposal.js';
import {
  rolloutHead,
  rolloutIdentity,
  standCounts,
  standing,
  standLists,
  stoppedWhatNow,
  stopWords,
  waveLines,
  type Changes,
  type RolloutSight,
} from './rollout-words.js';
import { clip, clipMrkdwn, escapeText, oneLine, plural } from './text.js';
import { when } from './time.js';
import { traceWords } from './trace.js';
import { person, prose, sentence } from './words.js';

/** The card of a roll-out: a view of its state and of its targets' changes, redrawn after each move. */
export function rolloutCard(rollout: Rollout, sight: RolloutSight): Message {
  return rollout.state === 'proposed' ? proposedRollout(rollout, sight) : told(rollout, sight);
}

function told(rollout: Rollout, { changes }: RolloutSight): Message {
  const head = rolloutHead(rollout);
  const lines = linesFor(rollout, changes).filter((line) => line !== '');
  const buttons = buttonsFor(rollout, changes);
  const last = [
    ...(buttons.length === 0 ? [] : [actions(buttons)]),
    decisions(rollout),
    rolloutIdentity(rollout),
  ];
  const parts = {
    text: [head, ...lines].join('\n'),
    first: [section(`${head}\n${clipMrkdwn(lines.join('\n'), 2_400)}`)],
    last,
  };
  if (rollout.begun === 0) return message(parts);
  return message({
    ...parts,
    rich: {
      first: [...parts.first, checklist(standCounts(rollout, changes), wavesAsTasks(rollout, changes))],
    },
  });
}

function linesFor(rollout: Rollout, changes: Changes): readonly string[] {
  const counts = `${standCounts(rollout, changes)}.`;
  switch (rollout.state) {
    case 'approved':
      return [
        `Starting on ${escapeText(clip(membersOf(rollout)[0]?.target ?? '', 60))}. Before each target runs, its facts are read once more: if they changed, nothing runs there and the roll-out stops.`,
      ];
    case 'running':
      return [
        counts,
        ...waveNow(rollout),
        heldNow(changes) ?? noteWords(rollout),
        'Each has its own card in the thread.',
      ];
    case 'stopping':
      return [
        stopWords(rollout, person),
        'Nothing new begins. What runs now goes on to its end, and is verified as ever.',
        counts,
        ...standLists(rollout, changes),
      ];
    case 'done':
      return [counts, 'Nothing is left to do. Each can be rolled back by its own card in the thread.'];
    case 'stopped':
      return [
        stopWords(rollout, person),
        counts,
        ...standLists(rollout, changes),
        stoppedWhatNow(rollout, changes),
      ];
    case 'rejected':
      return [`${rejectedWords(rollout)} Nothing was run.`];
    case 'expired':
      return [
        `${noteWords(rollout).replace(/ ?Nothing was run\.$/, '')} Nothing was run.`,
        'What now: if it is still needed, ask for it again.',
      ];
    default:
      return [];
  }
}

function waveNow(rollout: Rollout): readonly string[] {
  const { waves, begun } = rollout;
  const now = waveLines(rollout, 12)[begun - 1];
  if (now === undefined) return [];
  const left = waves.length - begun;
  const next =
    left === 0
      ? 'It is the last.'
      : `${plural(left, 'more wave')} to come: the next begins when every target of this one is verified; one that is not stops the roll-out.`;
  return [`${now}. ${next}`];
}

/** What a window or a freeze holds back, with who froze it by name; null where nothing is held. */
function heldNow(changes: Changes): string | null {
  for (const [target, change] of changes) {
    const [line] = heldLines(change);
    if (line !== undefined)
      return `${escapeText(clip(target, 60))}: ${line.replace('*Waiting:*', 'Waiting:')}`;
  }
  return null;
}

function wavesAsTasks(rollout: Rollout, changes: Changes): readonly Task[] {
  const stands = standing(rollout, changes);
  const lines = waveLines(rollout, 4);
  const tasks = rollout.waves.map((wave, at): Task => {
    const all = wave.map(({ target }) => stands.get(target) ?? 'to-come');
    const title = lines[at] ?? '';
    if (all.some(endsRollout)) return { title, status: 'error' };
    if (all.every((stand) => stand === 'verified')) return { title, status: 'complete' };
    return { title, status: at < rollout.begun ? 'in_progress' : 'pending' };
  });
  // A checklist of fifty lines is no reading: those behind are counted by the line above it.
  const from = Math.max(0, Math.min(rollout.begun - 5, tasks.length - 10));
  return tasks.slice(from, from + 10);
}

function buttonsFor(rollout: Rollout, changes: Changes): readonly Button[] {
  const { id, state } = rollout;
  if (state === 'approved' || state === 'running')
    return [
      button('rollout-stop', 'Stop', id, {
        style: 'danger',
        label: 'Stop: nothing new begins, what runs ends by itself',
      }),
    ];
  if (state !== 'stopped' || restOf(rollout, standing(rollout, changes)).length === 0) return [];
  return [button('rollout-rest', 'Propose the rest', id, { label: 'Propose what was not begun, anew' })];
}

function rejectedWords(rollout: Rollout): string {
  const last = rollout.history.findLast(({ move }) => move === 'reject');
  if (last === undefined) return 'Rejected.';
  const what = last.by === rollout.requester ? 'Withdrawn' : 'Rejected';
  const why = noteWords(rollout);
  return `${what} by ${person(last.by)} ${when(last.at)}.${why === '' ? '' : ` Reason: ${why}`}`;
}

function noteWords(rollout: Rollout): string {
  return sentence(prose(clip(redact(oneLine(rollout.note)), 500)));
}

function decisions(rollout: Rollout): KnownBlock {
  const approved = rollout.approvals.map(({ user, at }) => `${person(user)} ${when(at)}`);
  const parts = [
    `Asked by ${person(rollout.requester)} ${when(rollout.createdAt)}`,
    ...(approved.length === 0 ? [] : [`approved by ${approved.join(', ')}`]),
  ];
  return context(`${parts.join(' · ')}${traceWords(rollout.trace)}`);
}
