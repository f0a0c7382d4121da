import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aixReaders } from '../../src/aix/index.js';
import type { Answer } from '../../src/core/fact.js';
import { nodeRead } from '../../src/core/remote-command.js';
import { buildScript } from '../../src/ssh/script.js';
import { parseSections, sectionOutcome } from '../../src/ssh/sections.js';
import { runShell, shells } from '../ssh/shells.js';

const root = new URL('../fixtures/aix/', import.meta.url).pathname;
const marker = 'fedcba9876543210FEDCBA9876543210';

interface Printed {
  readonly id: string;
  readonly file: string;
  readonly answer: Answer<unknown>;
}

/** Every fixture that is understood, as facts or as the command's own failure. */
const printed: readonly Printed[] = aixReaders.flatMap(({ id }) =>
  readdirSync(join(root, id))
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => {
      const path = join(root, id, file);
      const expected: unknown = JSON.parse(readFileSync(path.replace(/txt$/, 'json'), 'utf8'));
      const { answer } = expected as { answer?: Answer<unknown> };
      return answer === undefined ? [] : [{ id, file: path, answer }];
    }),
);

/** What one shell hands back when the script prints every fixture, under the C locale that the script sets. */
async function throughShell(shell: string, tmp: string): Promise<readonly string[]> {
  const commands = printed.map(({ file }) => nodeRead('/bin/cat', [file], 'test'));
  const ran = await runShell(shell, buildScript(commands, { marker, sudo: null }), {
    TMPDIR: tmp,
    LC_ALL: 'de_DE.UTF-8',
  });
  const { sections, isDone } = parseSections(ran.stdout, marker, commands.length);
  expect(isDone).toBe(true);
  return sections.map((section, at) => {
    const outcome = sectionOutcome(commands[at]!, section, 0); // as many sections as commands when it is done
    expect([outcome.ended, outcome.exitCode, outcome.stderr]).toEqual(['exited', 0, '']);
    return outcome.stdout;
  });
}

describe('what nodes print, through their shells', () => {
  const texts = new Map<string, readonly string[]>();
  let tmp: string;

  beforeAll(async () => {
    tmp = mkdtempSync(join(tmpdir(), 'aixops shells '));
    await Promise.all(
      shells.map(async (shell) => {
        texts.set(shell, await throughShell(shell, tmp));
      }),
    );
  }, 300_000);
  afterAll(() => rmSync(tmp, { recursive: true, force: true }));

  it('has fixtures of every reader to print', () => {
    expect(new Set(printed.map(({ id }) => id)).size).toBe(aixReaders.length);
  });

  it.each(shells)('comes back from %s byte for byte, and is read as before', (shell) => {
    for (const [at, { id, file, answer }] of printed.entries()) {
      const text = texts.get(shell)?.[at] ?? 'no text';
      expect(text, file).toBe(readFileSync(file, 'utf8'));
      expect(aixReaders.find((reader) => reader.id === id)?.read(text), file).toEqual(answer);
    }
  });

  it('is the same from all shells', () => {
    const [first, ...others] = shells.map((shell) => texts.get(shell));
    for (const other of others) expect(other).toEqual(first);
  });
});
