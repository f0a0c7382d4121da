import type { StepUp } from '../../src/approval/step-up.js';
import type { Audit } from '../../src/audit/audit.js';
import type { Asker } from '../../src/core/request.js';
import { createPermission, type MayI } from '../../src/desk/permission.js';
import type { Policy } from '../../src/policy/schema.js';

/** A person in the channel of the tests. */
export function as(user: string): Asker {
  return { user, channel: 'C1' };
}

/** What a policy allows people who are in no usergroup. */
export function mayIBy(policy: Policy, audit: Audit): MayI {
  return createPermission({ policy, audit, groupsOf: () => Promise.resolve([]) });
}

/** Nobody has a secret for step-up codes. */
export const noCodes: StepUp = {
  isFresh: () => Promise.resolve(false),
  isEnrolled: () => false,
  offer: () => Promise.resolve('not-enrolled'),
};
