import { readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { rebuild } from '../../src/runbooks/fixes/rmc/recfgct.js';
import {
  rootFixes,
  rootReads,
  rootRebuilds,
  type RootCommand as ListedCommand,
} from '../../src/runbooks/privileges/root-commands.js';
import { sudoersText } from '../../src/runbooks/privileges/sudoers.js';
import { rootCommands, type RootCommand, type RootCommands } from './root-commands.js';

/** The file as the registry wants it; that the documented one is the same is the first test. */
const text = sudoersText('aixops', null);
let registry: RootCommands;
beforeAll(async () => {
  registry = await rootCommands();
});

/** One command of the registry as the list has it; of a node ID's lengths any. */
function listed({ program, alternatives = [], args }: RootCommand): string {
  return JSON.stringify([[program, ...alternatives], args[0] === '-i' ? ['-i', 'ID'] : args]);
}

const inList = (commands: readonly ListedCommand[]): readonly string[] =>
  [
    ...new Set(
      commands.map(([programs, args]) => JSON.stringify([programs, args[0] === '-i' ? ['-i', 'ID'] : args])),
    ),
  ].sort();
const ofRegistry = (commands: readonly RootCommand[]): readonly string[] =>
  [...new Set(commands.map(listed))].sort();

describe('the documented sudoers file', () => {
  it('is what `aixops sudoers` prints (after a change: vitest -u)', async () => {
    await expect(text).toMatchFileSnapshot('../../docs/sudoers');
  });

  it('has what the diagnostics and fixes need, to the letter', () => {
    expect(inList(rootReads)).toEqual(ofRegistry(registry.reads));
    expect(inList(rootFixes)).toEqual(ofRegistry(registry.fixes));
    expect(inList(rootRebuilds)).toEqual(ofRegistry(registry.rebuilds));
  });

  it('was made from all of them: those that no recorded case leads to are in it too', () => {
    const given = [...rebuild(['-n']), ...rebuild(['-s']), ...rebuild(['-i', '0123456789abcdef'])];
    for (const { command } of given)
      expect(inList([...rootFixes, ...rootRebuilds])).toContain(listed(command));
    expect(text).toContain(`recfgct -i ${'[0-9a-f]'.repeat(16)}`);
    for (const words of [
      'odmdelete -o CuAt -q name\\=cluster0',
      'odmadd ""',
      'tar -cf var-ct.tar /var/ct',
      'rmcctrl -P',
    ])
      expect(text).toContain(words);
  });

  it('has every program that the source says needs root', () => {
    const left = programsInSource().filter((program) => !text.includes(`${program} `));
    // Nobody asks these of a node: they are read where somebody pastes their output (aixops explain).
    expect(left).toEqual(['/usr/sbin/rsct/bin/ctsthl', '/usr/sbin/rsct/bin/ctsvhbal']);
  });

  it('allows no command with arguments of the caller’s choice, and no shell', () => {
    const entries = text
      .split('\n')
      .filter((line) => /^(?:Cmnd_Alias | {4}\/)/.test(line))
      .map((line) => line.replace(/^Cmnd_Alias \w+ = | {4}|, \\$/g, ''));
    expect(entries.length).toBeGreaterThan(40);
    for (const entry of entries) {
      expect(entry).toMatch(/^\/[\w./-]+ \S/);
      expect(entry).not.toMatch(/\*|\?|\/(?:ba|k|c)?sh /);
    }
  });
});

/** Absolute programs that stand as literals in a call with `needsRoot: true`, or in one of `nodeChange`. */
function programsInSource(): readonly string[] {
  const root = new URL('../../src/', import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(?:aix|runbooks)\/.*\.ts$/.test(name))
    // Certificates and changes on clusters: which files, and so which arguments, the inventory says.
    .filter((name) => !/clcomd|certificate|\/(?:cksum|file-type|ls-le|clrsh)\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, root), 'utf8'));
  const calls = sources.flatMap((source) => [
    ...source.matchAll(/nodeChange\(\s*'\w+',\s*'(?<program>\/[^']+)'/g),
    ...source.matchAll(/nodeRead\(\s*'(?<program>\/[^']+)'(?:(?!nodeRead\()[\s\S]){0,300}?needsRoot: true/g),
  ]);
  return [...new Set(calls.flatMap((call) => call.groups?.['program'] ?? []))];
}
