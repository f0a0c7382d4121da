import { readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { rebuild } from '../../src/runbooks/fixes/rmc/recfgct.js';
import { rootCommands, type RootCommand, type RootCommands } from './root-commands.js';

/** The file as the registry wants it; that the documented one is the same is the first test. */
let text: string;
beforeAll(async () => {
  text = sudoers(await rootCommands());
});

/** Arguments in sudoers: these characters mean something there. Source: sudoers(5), "Other special characters". */
function escaped(word: string): string {
  return word.replace(/[,:=\\*?[\]!"# ]/g, (sign) => `\\${sign}`);
}

const nodeIdLengths = [9, 10, 11, 12, 13, 14, 15, 16];

/** One command as sudoers has it: `""` allows no argument at all, and a node ID is as many hex digits as it has. */
function entriesOf({ program, alternatives = [], args }: RootCommand): readonly string[] {
  const forms =
    args[0] === '-i' ? nodeIdLengths.map((n) => `-i ${'[0-9a-f]'.repeat(n)}`) : [args.map(escaped).join(' ')];
  const words = forms.map((form) => (form === '' ? '""' : form));
  return [program, ...alternatives].flatMap((path) => words.map((form) => `${path} ${form}`));
}

function alias(name: string, commands: readonly RootCommand[]): string {
  const entries = [...new Set(commands.flatMap(entriesOf))].sort();
  return `Cmnd_Alias ${name} = ${entries.join(', \\\n    ')}`;
}

function sudoers({ reads, fixes, rebuilds }: RootCommands): string {
  return `# What aixops runs as root on a node with "become: sudo", and nothing else. Made from its diagnostics and fixes.
# Put it where your sudoers files are, with your login name for aixops, and check it: visudo -cf FILE
# It is run as /usr/bin/sudo -n. Every path of a program is listed, for RSCT is not installed in the same place everywhere.

# Reading. Without it most of what /rmc-status says would be "unknown".
${alias('AIXOPS_READ', reads)}
aixops ALL=(root) NOPASSWD: AIXOPS_READ

# Fixes of low and medium risk. Leave these lines out on nodes where it must change nothing.
${alias('AIXOPS_FIX', fixes)}
aixops ALL=(root) NOPASSWD: AIXOPS_FIX

# Only rsct-rebuild and rmc-own-image-recovery. They remove data, and odmadd takes whatever it is given: whoever has
# these lines is as good as root. Leave them out where these two are not wanted.
${alias('AIXOPS_REBUILD', rebuilds)}
aixops ALL=(root) NOPASSWD: AIXOPS_REBUILD
`;
}

describe('the documented sudoers file', () => {
  it('is what the diagnostics and fixes need, to the letter (after a change: vitest -u)', async () => {
    await expect(text).toMatchFileSnapshot('../../docs/sudoers');
  });

  it('was made from all of them: those that no recorded case leads to are in it too', () => {
    const given = [...rebuild(['-n']), ...rebuild(['-s']), ...rebuild(['-i', '0123456789abcdef'])];
    for (const { command } of given) for (const entry of entriesOf(command)) expect(text).toContain(entry);
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
