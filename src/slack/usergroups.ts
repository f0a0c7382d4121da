/** Who is in the Slack user groups that the policy names, kept for a short time. */
import { LogLevel, WebClient } from '@slack/web-api';
import { unobserved, type Observe } from '../core/observe.js';
import type { Policy } from '../policy/schema.js';
import { noticeLimits } from './noticing.js';
import type { SlackLog } from './tools.js';

/** So long is an answer taken as it is: that is how long somebody who was removed from a group may still count. */
const freshMs = 60_000;
/** So long does the last answer hold where Slack gives no newer one; then nobody is taken to be in the group. */
const lastMs = 5 * 60_000;
/** So long is Slack left alone after it did not answer. */
const pauseMs = 2_000;

export interface UsergroupTools {
  /** User ids in a group; rejects where Slack does not say. */
  readonly list: (group: string) => Promise<readonly string[]>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly log: Pick<SlackLog, 'warn'>;
}

/** The groups of `groups` that any of these accounts is in; null where that cannot be told of one of them. */
export type Memberships = (
  accounts: readonly string[],
  groups: readonly string[],
) => Promise<readonly string[] | null>;

interface Kept {
  readonly users: readonly string[] | null;
  /** When that was so; of no answer at all, when the first was asked for. */
  readonly at: number;
  /** Not asked again before. */
  readonly nextAt: number;
}

/** A cache of members: one question to Slack for everyone who asks at once, and none more often than needed. */
export function createMemberships({ list, clock, log }: UsergroupTools): Memberships {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<readonly string[] | null>>();

  const ask = async (group: string): Promise<readonly string[] | null> => {
    const askedAt = clock();
    try {
      const users = await list(group);
      kept.set(group, { users, at: askedAt, nextAt: askedAt + freshMs });
      return users;
    } catch (error) {
      log.warn({ err: error, group }, 'Slack did not say who is in a user group');
      const last = kept.get(group);
      const holds = last !== undefined && last.users !== null && clock() - last.at <= lastMs ? last : null;
      kept.set(group, { users: holds?.users ?? null, at: holds?.at ?? askedAt, nextAt: clock() + pauseMs });
      return holds?.users ?? null;
    }
  };
  const membersOf = (group: string): Promise<readonly string[] | null> => {
    const last = kept.get(group);
    const now = clock();
    if (last !== undefined && now < last.nextAt && (last.users === null || now - last.at <= lastMs))
      return Promise.resolve(last.users);
    const running = underWay.get(group) ?? ask(group).finally(() => underWay.delete(group));
    underWay.set(group, running);
    return running;
  };
  return async (accounts, groups) => {
    const members = await Promise.all(groups.map(membersOf));
    if (members.includes(null)) return null;
    return groups.filter((_group, index) => accounts.some((account) => members[index]?.includes(account)));
  };
}

/** Asks Slack, with little patience: somebody's click waits for it. Rejects with the reason. */
export function usergroupLister(
  slackApiUrl: string,
  botToken: string,
  observe: Observe = unobserved,
): UsergroupTools['list'] {
  const client = noticeLimits(clientOf(slackApiUrl, botToken, 1_500), observe);
  return async (usergroup) => {
    try {
      const answer = await client.usergroups.users.list({ usergroup });
      return answer.users ?? [];
    } catch (error) {
      // A group that is not there has nobody in it: that is an answer.
      if (codeOf(error) === 'no_such_subteam') return [];
      throw error;
    }
  };
}

/** What is wrong with the groups that the policy names, by the names that it gives them; one sentence each. */
export async function usergroupProblems(
  slackApiUrl: string,
  botToken: string,
  groups: Policy['groups'],
): Promise<readonly string[]> {
  const client = clientOf(slackApiUrl, botToken, 8_000);
  const problems: string[] = [];
  for (const [name, { usergroup }] of Object.entries(groups)) {
    if (usergroup === undefined) continue;
    const what = `group ${name} of policy.yaml is the Slack user group ${usergroup}`;
    try {
      const { users = [] } = await client.usergroups.users.list({ usergroup });
      if (users.length === 0) problems.push(`The ${what}, and nobody is in it.`);
    } catch (error) {
      problems.push(
        `The ${what}, and ${reasons[String(codeOf(error))] ?? 'Slack did not say who is in it.'}`,
      );
    }
  }
  return problems;
}

const reasons: Readonly<Record<string, string>> = {
  no_such_subteam: 'Slack knows no such group: copy its id from its address in Slack.',
  missing_scope: 'the bot token lacks the scope usergroups:read: add it and install the app again.',
};

function clientOf(slackApiUrl: string, botToken: string, timeout: number): WebClient {
  return new WebClient(botToken, {
    slackApiUrl,
    timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // It would print a line of its own for each try while Slack is away.
    logLevel: LogLevel.ERROR,
  });
}

function codeOf(error: unknown): unknown {
  const data: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'data') : null;
  return typeof data === 'object' && data !== null ? Reflect.get(data, 'error') : null;
}
