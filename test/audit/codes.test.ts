import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { auditCodes } from '../../src/audit/codes.js';

it('documents every code with the words that stand beside it', () => {
  const manual = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
  const rows = [...manual.matchAll(/^\| `(?<code>[a-z-]+\.[a-z-]+)` \| (?<words>.+) \|$/gm)];
  const documented = new Map(rows.map(({ groups }) => [groups?.['code'], groups?.['words']]));
  expect(documented).toEqual(new Map(Object.entries(auditCodes)));
});
