import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import type { Change } from '../../src/approval/states.js';
import { shell } from '../cli/aixops.js';
import { freePort, startRedis, type RedisServer } from '../lab/redis-server.js';
import { approve, carryOn, never, propose } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';

const page = readFileSync(new URL('../../docs/operations/backup.md', import.meta.url), 'utf8');
const [backUp = '', restore = '', look = ''] = [
  ...page.matchAll(/```sh\n# tried in [^\n]*\n([^`]*)```/g),
].map(([, lines]) => lines);
let bench: Workbench;
let place: string;
let port: number;
let restored: RedisServer | null = null;

beforeAll(async () => {
  bench = await openWorkbench();
  place = join(bench.folder, 'backups');
  mkdirSync(place);
  port = await freePort();
}, 60_000);
afterAll(async () => {
  await bench.stop();
  await restored?.stop();
});

/** Runs lines of the page as they stand, but for the port of the server that nobody else talks to. */
async function run(lines: string): Promise<string> {
  const text = lines.replaceAll('6390', String(port));
  const options = { cwd: place, env: { ...process.env, REDIS_URL: bench.redis.url } };
  const { stdout } = await promisify(execFile)('/bin/sh', ['-ec', text], options);
  return stdout;
}

/** An approved change on a node that needs it. */
async function approved(target: string, scenario: string, fix: string): Promise<Change> {
  await bench.lab.node(target).setScenario(scenario);
  const { change } = await propose(bench, { job: 'propose-fix', fix, target });
  if (change === null) throw new Error('no change was proposed');
  await approve(bench, change);
  return change;
}

describe('a backup', () => {
  let change: Change;
  let ran: readonly string[];

  it('is taken from a running server, of a change that is approved and then runs', async () => {
    change = await approved('lpar2', 'ctrmc-stopped', 'rmc-restart');
    await run(backUp);
    expect((await carryOn(change.id, bench.tools, { aheadMs: 0 })).state).toBe('verified');
    ran = await bench.lab.node('lpar2').ran('rmcctrl');
    expect(ran).toEqual(['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p']);
  }, 60_000);

  it('comes back on a server with an append-only file', async () => {
    const said = await run(restore);
    expect(said).toContain('aof_last_bgrewrite_status:ok');
    await bench.redis.stop();
    restored = await startRedis({ folder: join(place, 'restored'), port: bench.redis.port });
    await expect.poll(() => bench.shared.redis.ping().catch(() => ''), { timeout: 20_000 }).toBe('PONG');
    expect((await bench.shared.changes.get(change.id))?.state).toBe('approved');
    // What the queues held is there too.
    expect(await bench.shared.queues.depth('change')).toBeGreaterThan(0);
    const env = { AIXOPS_CONFIG: bench.config };
    const verified = await shell(look.trim().replace('6390', String(bench.redis.port)), { env, cwd: place });
    expect([verified.code, verified.stderr]).toEqual([0, '']);
  }, 60_000);

  it('does not make a change run twice that ran after it: its run directory on the node tells', async () => {
    // As broken as before, so that the facts still give the plan that was approved.
    await bench.lab.node('lpar2').setScenario('ctrmc-stopped');
    await applyFix(change.id, bench.tools, never);
    const after = await bench.shared.changes.get(change.id);
    expect(after?.journal.some((entry) => entry.kind === 'result')).toBe(true);
    expect(await bench.lab.node('lpar2').ran('rmcctrl')).toEqual(ran);
    expect(['running', 'verifying']).toContain(after?.state);
  }, 60_000);

  it('does not start what was approved too long ago', async () => {
    const late = await approved('lpar6', 'clients-disabled', 'rmc-enable-remote');
    const tools = { ...bench.tools, clock: () => Date.now() + 61 * 60_000 };
    await applyFix(late.id, tools, never);
    const after = await bench.shared.changes.get(late.id);
    expect([after?.state, after?.note]).toEqual(['expired', 'Approved, but not started in time.']);
  }, 60_000);
});
