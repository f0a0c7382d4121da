import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { auditCodes } from '../../src/audit/codes.js';

it('documents every code with the words that stand beside it', () => {
  const manual = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
  const rows = [...manual.matchAll(/^\| `(?<code>[a-z-]+\.[a-z-]+)` \| (?<words>.+) \|$/gm)];
  X;
  expect(documented).toEqual(auditCodes);
});
