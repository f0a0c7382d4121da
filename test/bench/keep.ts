/** The last figures of each benchmark, in test/bench/results, and their pictures for the manual. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draw } from './draw.js';
import type { MachineFacts } from './machine.js';
import type { Result } from './table.js';

/** What is kept of a run. */
export interface Measured {
  /** ISO 8601 UTC, when it began. */
  readonly date: string;
  readonly facts: MachineFacts;
  /** A small size of it: not for the manual. */
  readonly quick: boolean;
  readonly seconds: number;
  /** The share of the processors that others used right before it. */
  readonly othersUse: number;
  /** The share of the processors' time that the machine's host kept from it meanwhile. */
  readonly hostTook?: number;
  readonly result: Result;
}

/** A kept result: of which state of the sources. */
export interface Kept extends Measured {
  readonly commit: string;
  /** Something was changed since that commit. */
  readonly isDirty: boolean;
}

/** Below the top of the project. */
export const resultsFolder = 'test/bench/results';
export const picturesFolder = 'docs/images';

/** Writes a result over the last one of its benchmark, and draws its pictures; answers with the files. */
export async function keep(measured: Measured, root: string): Promise<readonly string[]> {
  const file = join(resultsFolder, `${measured.result.bench}.json`);
  const kept: Kept = { ...sourcesOf(root), ...measured };
  const files = {
    [file]: `${JSON.stringify(kept, null, 2)}\n`,
    ...(await picturesOf(kept)),
  };
  for (const folder of [resultsFolder, picturesFolder]) mkdirSync(join(root, folder), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return Object.keys(files);
}

/** The pictures of a kept result, by path below the top of the project. */
export async function picturesOf({ result }: Kept): Promise<Readonly<Record<string, string>>> {
  const drawn = await Promise.all(
    (result.pictures ?? []).map(
      async (picture) => [join(picturesFolder, `bench-${picture.name}.svg`), await draw(picture)] as const,
    ),
  );
  return Object.fromEntries(drawn);
}

/** All kept results, by benchmark; none where nothing was kept yet. */
export function readKept(root: string): ReadonlyMap<string, Kept> {
  const folder = join(root, resultsFolder);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
  return new Map(
    files
      .sort()
      .map((file) => [
        file.replace(/\.json$/, ''),
        JSON.parse(readFileSync(join(folder, file), 'utf8')) as Kept,
      ]),
  );
}

/** The commit, and whether something was changed since; what a benchmark has just kept does not count. */
function sourcesOf(root: string): Pick<Kept, 'commit' | 'isDirty'> {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const changed = git(
      ...['status', '--porcelain', '--', '.'],
      ...[resultsFolder, `${picturesFolder}/bench-*.svg`, 'docs/capacity.md'].map((path) => `:!${path}`),
    );
    return { commit: git('rev-parse', '--short=12', 'HEAD').trim(), isDirty: changed.trim() !== '' };
  } catch {
    return { commit: 'unknown', isDirty: true };
  }
}
