/** Who is a full member of our own workspace, a guest, or from elsewhere: asked of Slack, and kept for a short time. */
import { LogLevel, WebClient } from '@slack/web-api';
import { unobserved, type Observe } from '../core/observe.js';
import type { Standing } from '../policy/standing.js';
import { noticeLimits } from './noticing.js';
import type { SlackLog } from './tools.js';

/** So long is an answer taken as it is. */
const freshMs = 5 * 60_000;
/** So long does the last answer hold where Slack gives no newer one. */
const lastMs = 30 * 60_000;
/** So long is Slack left alone about somebody after it did not answer. */
const pauseMs = 2_000;
/** More people than this are not kept: a large workspace must not fill the memory. */
const mostKept = 10_000;

export interface MemberTools {
  /** What Slack says of an account; rejects where it says nothing. */
  readonly ask: (user: string) => Promise<Exclude<Standing, 'unknown'>>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly log: Pick<SlackLog, 'warn'>;
}

/** How an account stands to our workspace. Never rejects: `unknown` where Slack does not say. */
export type StandingOf = (user: string) => Promise<Standing>;

interface Kept {
  readonly standing: Standing;
  readonly at: number;
  /** Not asked again before. */
  readonly nextAt: number;
}

/** A cache of what Slack says: one question for all who wait for the same person. */
export function createStandings({ ask, clock, log }: MemberTools): StandingOf {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Standing>>();
  const keep = (user: string, one: Kept): Standing => {
    kept.delete(user);
    kept.set(user, one);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return one.standing;
  };
  const fetched = async (user: string): Promise<Standing> => {
    const at = clock();
    try {
      return keep(user, { standing: await ask(user), at, nextAt: at + freshMs });
    } catch (error) {
      log.warn({ err: error, user }, 'Slack did not say whose member somebody is');
      const last = kept.get(user);
      const holds = last !== undefined && clock() - last.at <= lastMs;
      const then = holds ? last : { standing: 'unknown' as const, at };
      return keep(user, { ...then, nextAt: clock() + pauseMs });
    }
  };
  return (user) => {
    const last = kept.get(user);
    if (last !== undefined && clock() < last.nextAt) return Promise.resolve(last.standing);
    const running = underWay.get(user) ?? fetched(user).finally(() => underWay.delete(user));
    underWay.set(user, running);
    return running;
  };
}

/** Asks Slack, with little patience: somebody's click waits for it. */
export function memberAsker(
  slackApiUrl: string,
  botToken: string,
  observe: Observe = unobserved,
): MemberTools['ask'] {
  const options = { timeout: 1_000, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true } as const;
  const client = noticeLimits(
    new WebClient(botToken, { ...options, slackApiUrl, logLevel: LogLevel.ERROR }),
    observe,
  );
  let ours: Promise<Ours> | null = null;
  const us = (): Promise<Ours> => {
    ours ??= client.auth
      .test()
      .then(({ team_id: team, enterprise_id: enterprise }) => ({ team, enterprise }));
    // A refusal is not kept: the next click asks again.
    ours.catch(() => (ours = null));
    return ours;
  };
  return async (user) => {
    const [own, answer] = await Promise.all([us(), client.users.info({ user })]);
    if (answer.user === undefined) throw new Error('users.info gave no user');
    return standingIn(answer.user, own);
  };
}

interface Ours {
  readonly team: string | undefined;
  /** The organisation; it counts where the app is installed in all of it, and so has no workspace of its own. */
  readonly enterprise: string | undefined;
}

/** As much of `users.info` as is read. Source: docs.slack.dev, "User object". */
interface SlackPerson {
  readonly team_id?: string;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly enterprise_user?: { readonly enterprise_id?: string; readonly teams?: readonly string[] };
}

/** In an organisation people belong to several workspaces, and `team_id` names only one of them. */
function standingIn(person: SlackPerson, { team, enterprise }: Ours): Exclude<Standing, 'unknown'> {
  if (person.deleted === true) return 'gone';
  if (person.is_bot === true) return 'app';
  const { enterprise_user: organisation } = person;
  const isHere =
    team === undefined
      ? enterprise !== undefined && organisation?.enterprise_id === enterprise
      : person.team_id === team || organisation?.teams?.includes(team) === true;
  if (person.is_stranger === true || !isHere) return 'outside';
  if (person.is_restricted === true || person.is_ultra_restricted === true) return 'guest';
  return 'member';
}
