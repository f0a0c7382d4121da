import { digestOf } from '../core/canonical.js';
import type { Policy } from './schema.js';

/**
 * Which policy decided: the first 12 hexadecimal digits of the SHA-256 over what `policy.yaml` says, defaults included.
 * Blanks, comments and the order of keys do not change it.
 */
export function policyVersion(policy: Policy): string {
  return digestOf(policy).slice(0, 12);
}
