/** Blocks of the manual that are settings or quotations of the code: our own loaders and the code itself must agree with them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInventory } from '../../src/inventory/load.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { readPolicy } from '../../src/policy/load.js';
import { diagnostics, fixes } from '../../src/runbooks/index.js';
import { readDocument } from '../../src/settings/document.js';
import { problemLine, type Problem } from '../../src/settings/problem.js';
import { configSchema } from '../../src/settings/schema.js';
import { chooseNodes } from '../../src/inventory/choose.js';
import { blocksIn, root, type Block } from './pages.js';

const places = { folder: '/etc/aixops', home: '/home/aixops' };
const nameOf = (block: Block): string =>
  /^# (?<name>[\w.-]+\.yaml)\b/.exec(block.lines[0] ?? '')?.groups?.['name'] ?? '';
const textOf = (block: Block): string => `${block.lines.join('\n')}\n`;
const titled = (blocks: readonly Block[]) =>
  blocks.map((block) => [`${block.page}:${block.line}`, block] as const);

const yaml = blocksIn('yaml');
const of = (name: string) => titled(yaml.filter((block) => nameOf(block) === name));

/** The inventory that all pages speak of: README's. */
function manualsInventory(): Inventory {
  const block =
    yaml.find((one) => one.page === 'docs/getting-started.md' && nameOf(one) === 'inventory.yaml') ??
    yaml.find((one) => nameOf(one) === 'inventory.yaml');
  if (block === undefined) throw new Error('no page has an inventory.yaml');
  const read = readInventory('inventory.yaml', textOf(block), places);
  if (read.kind === 'problems') throw new Error(said(read.problems).join('\n'));
  return read.inventory;
}

const said = (problems: readonly Problem[]): readonly string[] =>
  problems.map((problem) => problemLine(problem));

describe('a block of YAML', () => {
  it.each(titled(yaml))('at %s names its file in the first line', (_where, block) => {
    expect(block.lines[0]).toMatch(/^# [\w.\/-]+\.ya?ml\b/);
  });

  it.each(of('inventory.yaml'))('at %s is an inventory', (_where, block) => {
    const read = readInventory('inventory.yaml', textOf(block), places);
    expect(read.kind === 'problems' ? said(read.problems) : []).toEqual([]);
  });

  it.each(of('aixops.yaml'))('at %s is accepted as aixops.yaml', (_where, block) => {
    const read = readDocument('aixops.yaml', textOf(block), configSchema);
    expect(read.kind === 'problems' ? said(read.problems) : []).toEqual([]);
    if (read.kind === 'problems') return;
    for (const { targets } of read.value.digest.channels)
      expect(chooseNodes(manualsInventory(), targets).length).toBeGreaterThan(0);
  });

  it.each(of('policy.yaml'))('at %s is a policy for the inventory of the manual', (_where, block) => {
    const known = { inventory: manualsInventory(), ids: [...fixes, ...diagnostics].map(({ id }) => id) };
    const read = readPolicy('policy.yaml', textOf(block), known);
    expect(read.kind === 'problems' ? said(read.problems) : []).toEqual([]);
  });
});

describe('a block of JSON', () => {
  it.each(titled(blocksIn('json')))('at %s is JSON', (_where, block) => {
    expect(() => JSON.parse(textOf(block)) as unknown).not.toThrow();
  });
});

describe('a block of TypeScript', () => {
  const quoted = titled(blocksIn('ts'));

  it.each(quoted)('at %s stands in the file that it names', (_where, block) => {
    const file = /^\/\/ (?<path>[\w./-]+\.ts)$/.exec(block.lines[0] ?? '')?.groups?.['path'] ?? '';
    expect(existsSync(join(root, file)) ? file : `no file ${block.lines[0] ?? ''}`).toBe(file);
    const code = readFileSync(join(root, file), 'utf8').split('\n');
    let from = 0;
    const missing: string[] = [];
    for (const line of block.lines.slice(1)) {
      if (line.trim() === '' || line.trim() === '// …') continue;
      const at = code.indexOf(line, from);
      if (at < 0) missing.push(line);
      else from = at + 1;
    }
    expect(missing, `not in ${file}, in this order`).toEqual([]);
  });
});
