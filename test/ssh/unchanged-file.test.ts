import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { whileUnchanged } from '../../src/ssh/unchanged-file.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-unchanged-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function counted() {
  const made: string[] = [];
  const read = whileUnchanged((bytes) => {
    made.push(bytes.toString());
    return bytes.toString();
  });
  return { made, read };
}

it('reads a file that was changed just now each time: it may change again within the same tick', async () => {
  const path = join(folder, 'fresh');
  const { made, read } = counted();
  writeFileSync(path, 'one');
  expect(await read(path)).toBe('one');
  writeFileSync(path, 'two');
  expect(await read(path)).toBe('two');
  expect(made).toEqual(['one', 'two']);
});

it('reads a file once while it stays as it is, and again when it is another one', async () => {
  const path = join(folder, 'settled');
  const { made, read } = counted();
  writeFileSync(path, 'one');
  // The change of a file's times counts as a change too: its last one must be some seconds ago.
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  expect([await read(path), await read(path), await read(path)]).toEqual(['one', 'one', 'one']);
  expect(made).toEqual(['one']);
  writeFileSync(path, 'ONE');
  // As a tool does that hides what it changed: same size, same time of modification.
  utimesSync(path, 0, 0);
  expect(await read(path)).toBe('ONE');
});

it('asks each time whether the file may be used, and says why one cannot be read', async () => {
  const path = join(folder, 'asked');
  writeFileSync(path, 'x');
  const { read } = counted();
  let asked = 0;
  const allow = (): void => {
    asked += 1;
    if (asked > 2) throw new Error('not any more');
  };
  await read(path, allow);
  await read(path, allow);
  await expect(read(path, allow)).rejects.toThrow('not any more');
  await expect(read(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});
