import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixes } from '../../../src/runbooks/index.js';

const folder = new URL('../../../docs/fixes/', import.meta.url);

describe('the manual', () => {
  it.each(fixes.map((fix) => fix.id))(
    'has a page on %s with all that must be known before approving',
    (id) => {
      const page = readFileSync(new URL(`${id}.md`, folder), 'utf8');
      expect(page.startsWith(`# ${id}\n`)).toBe(true);
      for (const heading of ['What it does', 'When', 'When not', 'Saved first', 'Undo', 'How long', 'Source'])
        expect(page, heading).toContain(`**${heading}.**`);
      expect(page).toContain(`Risk: ${fixes.find((fix) => fix.id === id)?.risk ?? ''}`);
    },
  );

  it('has no page on a fix that does not exist', () => {
    const pages = readdirSync(folder).map((name) => name.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual(fixes.map((fix) => fix.id).sort());
  });
});
