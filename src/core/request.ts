import type { ErrorInfo } from './errors.js';
import type { Grounds } from './grounds.js';
import type { KeptTrace } from './tracing.js';
import { worst, type Level, type Verdict } from './verdict.js';

/** Who does something, and in which channel; null where that is none, as on the App Home or at a terminal. */
export interface Asker {
  /** A Slack user id, or `cli:<name>` at a terminal. */
  readonly user: string;
  readonly channel: string | null;
}

/** Only who and where, of something that says more. */
export function askerOf({ user, channel }: Asker): Asker {
  return { user, channel };
}

/** Where a request came from and where its answers go. `threadTs` is set when it was asked inside a thread. */
export interface Origin {
  readonly teamId: string;
  readonly channel: string;
  readonly user: string;
  readonly threadTs: string | null;
}

/** What a slash command, mention, button or modal asks the queue to do. */
export type Wish =
  | {
      readonly job: 'diagnose';
      readonly diagnostic: string;
      readonly targets: readonly string[];
      /** Log in to every node of a sweep, whatever the HMC says. */
      readonly deep?: boolean;
      /** Leave out second reads. */
      readonly now?: boolean;
    }
  | {
      readonly job: 'propose-fix';
      readonly fix: string;
      readonly target: string;
      readonly args?: readonly string[];
      readonly grounds?: Grounds;
    }
  | {
      /** One fix on many nodes or clusters: names and selectors, in the order in which they are to go. */
      readonly job: 'propose-rollout';
      readonly fix: string;
      readonly targets: readonly string[];
      readonly args?: readonly string[];
      /** The roll-out whose rest this is. */
      readonly restOf?: string;
      readonly grounds?: Grounds;
    }
  | { readonly job: 'roll-back'; readonly change: string; readonly grounds?: Grounds }
  /** Names and selectors of nodes, HMCs and jump hosts whose host keys are to be shown. */
  | { readonly job: 'enrol'; readonly targets: readonly string[] }
  | {
      readonly job: 'cert-expiry';
      readonly targets: readonly string[];
      /** What ends within so many days is listed. */
      readonly withinDays: number;
    };

/**
 * `waiting`: there are verdicts, and some targets are read a second time later. `stopped`: reading ended before its end,
 * and of targets without a verdict nothing is known.
 */
export type Phase = 'queued' | 'reading' | 'waiting' | 'done' | 'stopped' | 'failed';

/** Who ended reading before its end, and when (ISO 8601 UTC). */
export interface Stopped {
  readonly by: string;
  readonly at: string;
  /** The same, asked anew: the request that took its place. Null where a person pressed Stop. */
  readonly newer: string | null;
}

/** Targets whose first verdict needs a second read, and when that is. `at` is ISO 8601 UTC. */
export interface SecondRead {
  readonly at: string;
  readonly targets: readonly string[];
}

/** A fix that one target's findings suggest, behind a button. The button carries `id` and nothing else. */
export interface Offer {
  readonly id: string;
  readonly fix: string;
  readonly target: string;
}

/** One request from Slack and how far it is: the card is a view of this. Times are ISO 8601 UTC. */
export interface Request {
  readonly id: string;
  /** As the bot understood it, e.g. `/rmc-status all`. */
  readonly asked: string;
  readonly origin: Origin;
  readonly wish: Wish;
  readonly askedAt: string;
  readonly phase: Phase;
  readonly total: number;
  readonly done: number;
  /** Since the last word of its phase it is over after so long, whatever the targets do; absent where nobody can say. */
  readonly endsWithinMs?: number;
  readonly verdicts: readonly Verdict[];
  readonly offers: readonly Offer[];
  readonly error: ErrorInfo | null;
  /** Where in which trace it was asked for; absent where that was not traced. */
  readonly trace?: KeptTrace;
  /** In phase `waiting`, and kept afterwards. */
  readonly secondRead?: SecondRead;
  /** In phase `stopped`. */
  readonly stopped?: Stopped;
  /** What came of asking for a fix that made no plan: there is nothing to do, or a gate refused. */
  readonly conclusion?: { readonly kind: 'nothing-to-do' | 'refused'; readonly text: string };
}

/** Whether a wish only reads, so that reading for it may end anywhere. */
export function onlyReads({ job }: Wish): boolean {
  return job === 'diagnose' || job === 'cert-expiry';
}

/** The worst of a request's verdicts; a target that has none counts as unknown. */
export function worstOf({ verdicts, total }: Pick<Request, 'verdicts' | 'total'>): Level {
  const unread: readonly Level[] = verdicts.length < total ? ['unknown'] : [];
  return worst([...verdicts.map(({ verdict }) => verdict), ...unread]);
}
