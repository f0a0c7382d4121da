import { isJson, type Json } from './json.js';
import type { Usergroup } from './workspace.js';

/** The user groups of the workspace; who is in one may be changed while the local Slack runs. */
export class Usergroups {
  private readonly groups: Map<string, Usergroup>;

  constructor(groups: readonly Usergroup[]) {
    this.groups = new Map(groups.map((group) => [group.id, group]));
  }

  list(): readonly Usergroup[] {
    return [...this.groups.values()];
  }

  users(id: unknown): readonly string[] | null {
    return this.groups.get(String(id))?.users ?? null;
  }

  /** Puts these people into a group, in place of who was in it; a group that is not there yet is made. */
  set(id: string, users: readonly string[]): void {
    const before = this.groups.get(id) ?? { id, handle: id.toLowerCase(), name: id };
    this.groups.set(id, { ...before, users });
  }

  /** The same from the body of a control call; false where it makes no sense. */
  take(body: Json | null): boolean {
    const { id, users } = isJson(body) ? body : {};
    if (typeof id !== 'string' || !Array.isArray(users)) return false;
    this.set(
      id,
      users.filter((user) => typeof user === 'string'),
    );
    return true;
  }
}
