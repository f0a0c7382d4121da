import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rollBack } from '../../jobs/roll-back.js';
import type { Change } from '../../src/approval/states.js';
import type { EstateDefinition } from '../lab/lab.js';
import { alice, approve, carryOn, propose, withClock, type Clock } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';

/** Entries of the documented file as the lab's sudo takes them: one pattern a line, without sudoers' own escapes. */
const documented = readFileSync(new URL('../../docs/sudoers', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^(?:Cmnd_Alias | {4}\/)/.test(line))
  .map((line) => line.replace(/^Cmnd_Alias \w+ = | {4}|, \\$/g, '').replace(/ ""$/, ''))
  .map((entry) => entry.replaceAll('\\', ''));

let bench: Workbench;
let clock: Clock;
beforeAll(async () => {
  const demo = JSON.parse(
    readFileSync(new URL('../lab/estate/demo.json', import.meta.url), 'utf8'),
  ) as EstateDefinition;
  const nodes = Object.entries(demo.nodes).map(([name, node]) => [
    name,
    { ...node, user: 'aixops', become: 'sudo' as const },
  ]);
  bench = await openWorkbench({ ...demo, nodes: Object.fromEntries(nodes) as EstateDefinition['nodes'] });
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
  clock = { aheadMs: 0 };
});

/** A node with this fault on which the login user may run as root what is on the list, and nothing else. */
async function node(name: string, scenario: string, list: readonly string[] = documented): Promise<void> {
  await bench.lab.node(name).setScenario(scenario);
  writeFileSync(
    join(bench.lab.node(name).root, 'lab/knobs/sudoers'),
    list.map((line) => `${line}\n`).join(''),
  );
}

async function fixed(fix: string, target: string, args: readonly string[] = []): Promise<Change> {
  const { change, request } = await propose(bench, { job: 'propose-fix', fix, target, args });
  if (change === null) throw new Error(`no change was proposed: ${JSON.stringify(request?.conclusion)}`);
  await approve(bench, change);
  return carryOn(change.id, withClock(bench.tools, clock), clock);
}

async function undone(change: Change): Promise<Change> {
  const request = await bench.desk.submit({ job: 'roll-back', change: change.id }, 'Undo', alice);
  await rollBack(request.id, bench.tools);
  const undo = await bench.shared.changes.get(`c-${request.id}`);
  if (undo === null) throw new Error('no undo was proposed');
  await approve(bench, undo);
  return carryOn(undo.id, withClock(bench.tools, clock), clock);
}

describe('with the documented sudoers file and no more', () => {
  it('everything is read that proves a healthy LPAR, and without it nothing is called healthy', async () => {
    await node('lpar1', 'healthy');
    const wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' } as const;
    const read = await propose(bench, wish);
    expect(read.request?.conclusion).toMatchObject({ kind: 'nothing-to-do' });
    await node('lpar1', 'healthy', []);
    const unread = await propose(bench, wish);
    expect(unread.request?.conclusion?.kind).toBe('refused');
  }, 60_000);

  it.each([
    ['rmc-enable-remote', 'lpar6', 'clients-disabled'],
    ['rmc-restart', 'lpar3', 'drm-down'],
  ])(
    '%s is run and verified',
    async (fix, target, scenario) => {
      await node(target, scenario);
      const done = await fixed(fix, target);
      expect([done.state, done.note]).toEqual(['verified', done.note]);
    },
    90_000,
  );

  it('RSCT is rebuilt with cluster0 removed, and put back by the undo', async () => {
    await node('lpar1', 'id-from-cluster0');
    const readAt = new Date().toISOString();
    const twin = { name: 'lpar7', nodeId: '1c0de0dd0dd0dd0d', lparId: 99, system: 'p9-a', readAt };
    await bench.tools.fleet.put([
      {
        ...twin,
        machine: '9009-42A*7800001',
        addresses: [],
        nodeIdSince: '2020-01-01T00:00:00.000Z',
        inCluster: false,
      },
    ]);
    const args = ['-n', '--delete-cluster0', '--reason', 'the old ID came back'];
    const done = await fixed('rsct-rebuild', 'lpar1', args);
    expect([done.state, done.note]).toEqual(['verified', done.note]);
    const undo = await undone(done);
    expect([undo.state, undo.note]).toEqual(['verified', undo.note]);
    const asked = (await bench.lab.node('lpar1').ran('sudo')).join('\n');
    for (const program of ['odmget', 'odmdelete', 'odmadd', 'recfgct -n', 'recfgct -i', 'tar', 'rmcctrl'])
      expect(asked).toContain(program);
  }, 180_000);
});
