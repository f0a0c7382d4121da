import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.js';

it('prints stars however it is printed, and gives its value only when asked', () => {
  const secret = new Secret('xoxb-not-for-you');
  const printed = [
    secret.toString(),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
    Object.values(secret).join(),
  ];
  for (const text of printed) expect(text).not.toContain('not-for-you');
  expect(JSON.stringify(secret)).toBe('"***"');
  expect(secret.reveal()).toBe('xoxb-not-for-you');
});
