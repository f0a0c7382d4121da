import { policySchema, type Policy } from '../../src/policy/schema.js';

/** Everyone may do everything, except what nobody may: approve a change of their own. */
export const openPolicyYaml = 'approvers: everyone\nallow: { diagnose: everyone, propose: everyone }\n';

/** The same, read. */
export const openPolicy: Policy = policySchema.parse({
  approvers: 'everyone',
  allow: { diagnose: 'everyone', propose: 'everyone' },
});
