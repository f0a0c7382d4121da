import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposeFix } from '../../jobs/propose-fix.js';
import type { Change } from '../../src/approval/states.js';
import { openWorkbench, type Workbench } from '../jobs/workbench.js';
import { as } from '../desk/as.js';

const program = new URL('../../dist/src/aixops.js', import.meta.url).pathname;

let bench: Workbench;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  if (!existsSync(program)) throw new Error('build first: npm run build');
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await bench.stop();
});

function startWorker(): ChildProcess {
  const worker = spawn(process.execPath, [program, 'start', '--role', 'worker', '--config', bench.config], {
    stdio: 'ignore',
  });
  workers.push(worker);
  return worker;
}

async function until(what: string, isSo: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function change(id: string): Promise<Change> {
  const found = await bench.shared.changes.get(id);
  if (found === null) throw new Error(`change ${id} is gone`);
  return found;
}

describe('a worker killed in the middle of a restart', () => {
  it('leaves its change to another, which reads the outcome from the node and runs nothing twice', async () => {
    const origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
    const request = await bench.desk.submit(
      { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar2' },
      '/rmc-fix',
      origin,
    );
    await proposeFix(request.id, bench.tools, new AbortController().signal);
    const id = `c-${request.id}`;

    const first = startWorker();
    await bench.desk.decide(id, 'approve', as('UBOB'));
    const ran = () => bench.lab.node('lpar2').ran('rmcctrl');
    await until('the step runs', async () => (await ran()).length > 0, 30_000);
    first.kill('SIGKILL');

    startWorker();
    await until(
      'the change ends',
      async () => ['verified', 'failed', 'unknown'].includes((await change(id)).state),
      90_000,
    );
    const done = await change(id);
    expect([done.state, done.note]).toMatchObject(['verified', expect.stringContaining('HMC')]);
    expect(await ran()).toEqual(['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p']);
    expect(done.journal.filter((entry) => entry.kind === 'intent')).toHaveLength(1);
    expect(done.journal.filter((entry) => entry.kind === 'result')).toHaveLength(1);
    const card = await bench.shared.outbox.get(done.cardKey);
    expect(card?.content.kind === 'message' && card.content.message.text).toContain('lpar2');
  }, 150_000);
});
