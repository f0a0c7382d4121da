/** Who may still approve something, as far as the policy names people: whom a reminder is for. */
import { authorise, type ActionObject } from './authorise.js';
import { grantsFor } from './grants.js';
import { humanOf } from './people.js';
import type { Policy } from './schema.js';

/** Nobody's account: what it may do, everyone may. */
const nobody = 'U00000000000';

/**
 * One account of each person who may approve this here and has not: never the requester's. `everyone` where the policy
 * lets anybody. `members` are the accounts in the Slack user groups that the policy names, as far as that is known.
 */
export function approversOf(
  policy: Policy,
  about: { readonly channel: string; readonly object: ActionObject },
  members: ReadonlyMap<string, readonly string[]>,
): readonly string[] | 'everyone' {
  const { channel, object } = about;
  const may = (user: string): boolean => {
    const groups = [...members].flatMap(([group, users]) => (users.includes(user) ? [group] : []));
    return authorise(policy, { user, channel, groups }, 'approve', object).allowed;
  };
  if (may(nobody)) return 'everyone';
  const words = grantsFor(policy, 'approve').flatMap(({ who }) => who);
  const accounts = [...new Set(words.flatMap((word) => accountsIn(policy, word, members)))];
  const able = accounts.filter((account) => /^[UW]/.test(account) && may(account));
  const first = new Map<string, string>();
  for (const account of able) {
    const human = humanOf(policy, account);
    if (account === human || !first.has(human)) first.set(human, account);
  }
  return [...first.values()];
}

function accountsIn(
  policy: Policy,
  word: string,
  members: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  if (!word.startsWith('group:')) return word === 'everyone' ? [] : [word];
  const name = word.slice('group:'.length);
  const group = Object.hasOwn(policy.groups, name) ? policy.groups[name] : undefined;
  return group?.usergroup === undefined ? (group?.users ?? []) : (members.get(group.usergroup) ?? []);
}
