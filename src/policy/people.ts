/** Who is who in a policy: accounts of one human, and who a rule's `who` means. */
import type { Policy } from './schema.js';

/** The person behind an account: the one that `people` lists it under, or the account itself. */
export function humanOf(policy: Pick<Policy, 'people'>, user: string): string {
  if (Object.hasOwn(policy.people, user)) return user;
  const listed = Object.entries(policy.people).find(([, person]) => person.aliases.includes(user));
  return listed?.[0] ?? user;
}

/** Every account of the human behind one of them, that one included. */
export function accountsOf(policy: Pick<Policy, 'people'>, user: string): readonly string[] {
  const human = humanOf(policy, user);
  const aliases = Object.hasOwn(policy.people, human) ? (policy.people[human]?.aliases ?? []) : [];
  return [...new Set([user, human, ...aliases])];
}

/** Ids of the Slack user groups that the policy names. */
export function usergroupsOf(policy: Pick<Policy, 'groups'>): readonly string[] {
  return [...new Set(Object.values(policy.groups).flatMap(({ usergroup }) => usergroup ?? []))];
}

/** Whether a list of `who` words names anybody as they are known at a terminal. */
export function namesTerminal(policy: Pick<Policy, 'people' | 'groups'>, who: readonly string[]): boolean {
  const users = who.flatMap((word) =>
    word.startsWith('group:') ? (policy.groups[word.slice('group:'.length)]?.users ?? []) : [word],
  );
  return users.some((user) => accountsOf(policy, user).some((account) => account.startsWith('cli:')));
}

/** `unknown`: it depends on a Slack user group of which nobody can say now who is in it. */
export type Among = 'yes' | 'no' | 'unknown';

/** Whether a person is among those that a list of `who` words means. */
export function isAmong(
  policy: Pick<Policy, 'people' | 'groups'>,
  { user, groups }: { readonly user: string; readonly groups: readonly string[] | null },
  who: readonly string[],
): Among {
  const human = humanOf(policy, user);
  const answers = who.map((word): Among => {
    if (word === 'everyone') return 'yes';
    if (!word.startsWith('group:')) return humanOf(policy, word) === human ? 'yes' : 'no';
    const name = word.slice('group:'.length);
    const group = Object.hasOwn(policy.groups, name) ? policy.groups[name] : undefined;
    if (group?.usergroup === undefined)
      return (group?.users ?? []).some((one) => humanOf(policy, one) === human) ? 'yes' : 'no';
    if (groups === null) return 'unknown';
    return groups.includes(group.usergroup) ? 'yes' : 'no';
  });
  return answers.find((one) => one === 'yes') ?? answers.find((one) => one === 'unknown') ?? 'no';
}
