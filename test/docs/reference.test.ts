/** The generated pages are what the definitions say. `npm run manual` writes them anew: it runs this file with `-u`. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inventorySchema } from '../../src/inventory/schema.js';
import { policySchema } from '../../src/policy/schema.js';
import { configSchema } from '../../src/settings/schema.js';
import { root } from './pages.js';
import { cliPage } from './reference/cli.js';
import { commandsPage } from './reference/commands.js';
import { diagnosticsPage } from './reference/diagnostics.js';
import { findingsPage } from './reference/findings.js';
import { fixesPage } from './reference/fixes.js';
import { keysOf } from './reference/keys.js';
import { settingsPage } from './reference/settings.js';

const generated = {
  'cli.md': cliPage,
  'commands.md': commandsPage,
  'diagnostics.md': diagnosticsPage,
  'findings.md': findingsPage,
  'fixes.md': fixesPage,
  'settings.md': settingsPage,
} as const;

describe('docs/reference', () => {
  it.each(Object.entries(generated))('%s is current (if not: npm run manual)', async (name, make) => {
    const text = await make();
    expect(text).not.toMatch(/undefined|\[object|NaN/);
    await expect(text).toMatchFileSnapshot(join(root, 'docs/reference', name));
  });

  it('has no page that nothing generates', () => {
    expect(Object.keys(generated)).toEqual(expect.arrayContaining(readdirSync(join(root, 'docs/reference'))));
  });
});

describe('every key of the settings', () => {
  const keys = { inventorySchema, policySchema, configSchema };

  it.each(Object.entries(keys))('of %s has a meaning', (_name, schema) => {
    const all = keysOf(schema);
    expect(all.length).toBeGreaterThan(15);
    expect(all.filter(({ meaning }) => !/^.*\.$/.test(meaning)).map(({ path }) => path)).toEqual([]);
    expect(all.filter(({ type }) => type === '').map(({ path }) => path)).toEqual([]);
  });
});
