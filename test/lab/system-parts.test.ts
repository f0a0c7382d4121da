import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureParts, findPart, installLine, partNames } from './system-parts.js';

let folder: string;
const givenPath = process.env.PATH;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'aixops-parts-'));
});
afterEach(async () => {
  process.env.PATH = givenPath;
  await rm(folder, { recursive: true, force: true });
});

async function program(name: string, script: string): Promise<string> {
  const place = path.join(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(place, `#!/bin/sh\n${script}\n`);
  await chmod(place, 0o755);
  return place;
}

describe('system parts', () => {
  it('prefers Valkey over Redis, and what is on the PATH over the usual folders', async () => {
    await program('redis-server', 'exit 0');
    const valkey = await program('valkey-server', 'exit 0');
    process.env.PATH = folder;
    expect(await findPart('redis')).toBe(valkey);
  });

  it('does not take another Korn shell for ksh93', async () => {
    const pretender = await program('ksh93', 'echo "@(#)MIRBSD KSH R59"');
    process.env.PATH = folder;
    expect(await findPart('ksh93')).not.toBe(pretender);
    const real = await program('ksh93', 'echo "Version AJM 93u+m/1.0.4"');
    expect(await findPart('ksh93')).toBe(real);
  });

  it('reports every part with a path or with the line to type', async () => {
    const lines: string[] = [];
    const reports = await ensureParts(partNames, { install: false, log: (line) => lines.push(line) });
    for (const name of partNames) {
      const report = reports[name];
      expect('path' in report ? report.path : report.line).toMatch(/^\/|^Install it with: /);
    }
    expect(lines).toEqual([]);
  });

  it('names one line to type for each part', () => {
    for (const name of partNames) expect(installLine(name)).toMatch(/^Install it with: (sudo apt-get|brew) /);
  });
});
