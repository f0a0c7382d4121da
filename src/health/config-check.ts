/** Whether the settings on disk would still let this process start. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Look } from './board.js';
import type { Finding } from './readiness.js';

export interface ConfigOnDisk {
  /** Absolute paths: what is in them is compared with what was in them at the start. */
  readonly files: readonly string[];
  /** Reads the settings anew and tells every problem in one line each; it may take its time. */
  readonly problems: () => readonly string[];
}

/**
 * Compares the files with those of the start, and reads them only when they are others. What this process does is ruled
 * by what it has read: a change that is sound waits for a restart, one that is not would keep it from coming back.
 */
export async function lookAtConfig({ files, problems }: ConfigOnDisk): Promise<Look> {
  const atStart = await prints(files);
  let judged: { readonly key: string; readonly finding: Finding } | null = null;
  return async () => {
    const now = await prints(files);
    const changed = files.filter((file) => now.get(file) !== atStart.get(file));
    if (changed.length === 0) return { state: 'ok', sentence: '' };
    const key = [...now.values()].join(' ');
    judged = judged?.key === key ? judged : { key, finding: judge(changed, problems()) };
    return judged.finding;
  };
}

function judge(changed: readonly string[], problems: readonly string[]): Finding {
  const names = changed.map((file) => basename(file)).join(', ');
  if (problems.length === 0)
    return {
      state: 'warn',
      sentence: `${names} changed since the start. This process goes on with what it has read: restart it to take the change.`,
    };
  const [first = '', ...others] = problems;
  const more = others.length === 0 ? '' : ` (and ${others.length} more: aixops check --offline)`;
  return {
    state: 'failing',
    sentence: `${names} changed since the start and is not valid: a restart would end at once. ${first}${more}`,
  };
}

/** What is in each file, as a hash: some of them hold secrets. */
async function prints(files: readonly string[]): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(files.map(async (file): Promise<[string, string]> => [file, await print(file)])),
  );
}

async function print(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}
