/** How a roll-out and its targets are said, on its card, in its thread and in its file. */
import type { KnownBlock } from '@slack/types';
import {
  membersOf,
  restOf,
  standOf,
  type LeftOut,
  type MemberStand,
  type Rollout,
  type RolloutState,
} from '../../approval/rollout-states.js';
import type { Change } from '../../approval/states.js';
import type { Plan } from '../../core/plan.js';
import { redact } from '../../core/redact.js';
import { context } from './dress.js';
import { shortDigest } from './plan-text.js';
import { clip, code, count, escapeText, oneLine, plural, someOf } from './text.js';
import { when } from './time.js';
import { person, prose, sentence } from './words.js';

/** The changes that were made of a roll-out so far, by target. */
export type Changes = ReadonlyMap<string, Change>;

/** What a roll-out's card is drawn from besides itself. */
export interface RolloutSight {
  /** Who may approve, as ready mrkdwn made by us. */
  readonly approversHint: string;
  /** The plans by target; only looked at while it is proposed. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly changes: Changes;
}

/** `12 LPARs`, `3 clusters`. */
export function targetsOf(rollout: Pick<Rollout, 'ofClusters'>, n: number): string {
  return plural(n, rollout.ofClusters ? 'cluster' : 'LPAR');
}

/** How the targets stand now, by target. */
export function standing(rollout: Rollout, changes: Changes): ReadonlyMap<string, MemberStand> {
  return new Map(membersOf(rollout).map(({ target }) => [target, standOf(changes.get(target) ?? null)]));
}

/** `Restart RMC, keeping its configuration, on 5 LPARs`, plain text. */
export function rolloutTitle(rollout: Rollout): string {
  return `${clip(oneLine(rollout.title), 160)}, on ${targetsOf(rollout, membersOf(rollout).length)}`;
}

/** Each way to stand: its mark, its word, and where it is listed, worst first. */
export const stands: Readonly<Record<MemberStand, { readonly mark: string; readonly word: string }>> = {
  'needs-person': { mark: '?', word: 'waiting for a person' },
  'not-verified': { mark: '✖', word: 'not verified' },
  'not-run': { mark: '○', word: 'not run' },
  runs: { mark: '▷', word: 'running' },
  waits: { mark: '▷', word: 'about to begin' },
  verified: { mark: '✔', word: 'verified' },
  'to-come': { mark: '○', word: 'not begun' },
};

const order = Object.keys(stands) as readonly MemberStand[];

/** `12 LPARs: 1 not verified, 2 running, 5 verified, 4 not begun`: worst first, none left out that is not zero. */
export function standCounts(rollout: Rollout, changes: Changes): string {
  const all = [...standing(rollout, changes).values()];
  const parts = order
    .map((stand) => ({ stand, n: all.filter((one) => one === stand).length }))
    .filter(({ n }) => n > 0)
    .map(({ stand, n }) => `${count(n)} ${stands[stand].word}`);
  return `${targetsOf(rollout, all.length)}: ${parts.join(', ')}`;
}

/** `✔ verified: lpar1, lpar2`, one line for each way to stand that some do, worst first: what was done, and what not. */
export function standLists(rollout: Rollout, changes: Changes): readonly string[] {
  const all = standing(rollout, changes);
  return order.flatMap((stand) => {
    const names = [...all].flatMap(([target, one]) => (one === stand ? [escapeText(clip(target, 30))] : []));
    return names.length === 0 ? [] : [`${stands[stand].mark} ${stands[stand].word}: ${someOf(names, 6)}`];
  });
}

/** `Wave 2 of 4: lpar3, lpar4`, one line for each wave. */
export function waveLines({ waves }: Rollout, namesAtMost: number): readonly string[] {
  return waves.map((wave, at) => {
    const names = wave.map(({ target }) => escapeText(clip(target, 60)));
    return `Wave ${at + 1} of ${waves.length}: ${someOf(names, namesAtMost)}`;
  });
}

const whys: Readonly<Record<LeftOut['why'], string>> = {
  'not-read': '? Not read, so not judged',
  refused: '▲ A safety check refused',
  covered: '○ Done by the plan of another one',
  'nothing-to-do': '✔ Nothing to do',
};

/** What is left out, worst first: one line for each kind, with the first few names and one reason. */
export function leftOutLines(leftOut: readonly LeftOut[]): readonly string[] {
  return (Object.keys(whys) as readonly LeftOut['why'][]).flatMap((why) => {
    const all = leftOut.filter((one) => one.why === why);
    const [first] = all;
    if (first === undefined) return [];
    const names = someOf(
      all.map(({ target }) => escapeText(clip(target, 60))),
      8,
    );
    // What is well needs no reason on the card; the file has them all.
    if (why === 'nothing-to-do') return [`${whys[why]} (${count(all.length)}): ${names}`];
    const reason = sentence(prose(clip(redact(oneLine(inShort(first.reason))), 300)));
    const whose = all.length === 1 ? reason : `${escapeText(clip(first.target, 60))}: ${reason}`;
    return [`${whys[why]} (${count(all.length)}): ${names}. ${whose}`];
  });
}

/** What happened, without what was observed word for word: that is in the file. */
function inShort(reason: string): string {
  return reason.split(/\s+Observed: /, 1)[0] ?? reason;
}

/** What a change's state means at the end of a roll-out. */
const stateWords: Readonly<Record<string, string>> = {
  failed: 'failed',
  unknown: 'has an unknown outcome',
  waiting: 'waits for a person',
  stale: 'is no longer as it was when this was approved; nothing was run on it',
  expired: 'was not begun in time; nothing was run on it',
  rejected: 'was called off; nothing was run on it',
  'rolling-back': 'is being rolled back',
  'rolled-back': 'was rolled back',
  'rollback-failed': 'could not be rolled back',
  altered: 'has a plan in Redis that is not the approved one; nothing was run on it',
};

/** Why nothing new begins any more; '' where nothing stopped it. `who` names the person who did. */
export function stopWords({ stop }: Rollout, who: (user: string) => string): string {
  if (stop === null) return '';
  if (stop.target === null) return `Stopped by ${who(stop.by)}.`;
  const target = escapeText(clip(stop.target, 60));
  return `Stopped because ${target} ${stateWords[stop.note] ?? 'was not verified'}.`;
}

/** What a person does about a roll-out that was stopped, in ready mrkdwn. */
export function stoppedWhatNow(rollout: Rollout, changes: Changes): string {
  const standings = standing(rollout, changes);
  const bad = membersOf(rollout).filter(({ target }) =>
    ['not-verified', 'needs-person'].includes(standings.get(target) ?? ''),
  );
  const rest = restOf(rollout, standings).length;
  const names = someOf(
    bad.map(({ target }) => escapeText(clip(target, 60))),
    5,
  );
  const look =
    bad.length === 0
      ? []
      : [
          `Look at ${names} first: the card of each stands in the thread, with its output and what can be done.`,
        ];
  const propose =
    rest === 0
      ? 'No target is left to be proposed.'
      : `*Propose the rest* makes new plans for the ${targetsOf(rollout, rest)} on which nothing was run, and asks for a new approval.`;
  return `What now: ${[...look, propose].join(' ')}`;
}

const heads: Readonly<Record<RolloutState, string>> = {
  proposed: '◇ Approval needed',
  approved: '▷ Approved',
  running: '▷ Rolling out',
  stopping: '▷ Stopping',
  done: '✔ Rolled out, all verified',
  stopped: '✖ Stopped',
  rejected: '○ Rejected',
  expired: '○ Expired',
};

/** `✖ Stopped — Restart RMC, keeping its configuration, on 12 LPARs` */
export function rolloutHead(rollout: Rollout): string {
  // What a person stopped is not broken.
  const isByHand = rollout.state === 'stopped' && rollout.stop?.target === null;
  const head = isByHand ? '○ Stopped' : heads[rollout.state];
  return `*${head} — ${escapeText(rolloutTitle(rollout))}*`;
}

/** Which roll-out a card is of, and what was approved or is to be. */
export function rolloutIdentity(rollout: Rollout): KnownBlock {
  const rest = rollout.restOf === null ? '' : ` · the rest of ${code(clip(rollout.restOf, 60))}`;
  const asked =
    rollout.state === 'proposed' ? ` · asked by ${person(rollout.requester)} ${when(rollout.createdAt)}` : '';
  return context(
    `Roll-out ${code(clip(rollout.id, 60))} · list ${code(shortDigest(rollout.digest))}${rest}${asked}`,
  );
}
