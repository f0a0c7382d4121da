import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/approval/states.js';
import type { KnownNode } from '../../src/core/fleet.js';
import { applyFix } from '../../jobs/apply-fix.js';
import { cardKeyOf } from '../../jobs/show.js';
import { rollBack } from '../../jobs/roll-back.js';
import { alice, approve, carryOn, never, propose, withClock, type Clock } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
});

const twinId = '1c0de0dd0dd0dd0d';

function known(name: string, nodeId: string, nodeIdSince: string): KnownNode {
  const readAt = new Date().toISOString();
  return {
    name,
    nodeId,
    lparId: name === 'lpar1' ? 3 : 99,
    system: 'p9-a',
    machine: '9009-42A*7800001',
    addresses: [],
    readAt,
    nodeIdSince,
    inCluster: false,
  };
}

/** lpar1 was first seen yesterday with the ID that lpar7 has had for long. */
async function cloned(): Promise<void> {
  const yesterday = new Date(Date.now() - 36 * 3_600_000).toISOString();
  await bench.tools.fleet.put([
    known('lpar1', twinId, yesterday),
    known('lpar7', twinId, '2020-01-01T00:00:00.000Z'),
  ]);
}

/** What changed something on lpar1, of what ran there. */
async function changes(): Promise<string[]> {
  const ran = await bench.lab.node('lpar1').ran();
  return ran.filter((line) =>
    /^(?:rmcctrl|recfgct|tar|odmdelete|odmadd|stopsrc|startsrc|chdev)\b/.test(line),
  );
}

async function undoOf(change: Change): Promise<Change> {
  const request = await bench.desk.submit({ job: 'roll-back', change: change.id }, 'Undo', alice);
  await rollBack(request.id, bench.tools);
  const undo = await bench.shared.changes.get(`c-${request.id}`);
  if (undo === null) throw new Error('no undo was proposed');
  return undo;
}

function nodeIdOf(path: string): string {
  return readFileSync(join(bench.lab.node('lpar1').root, path), 'utf8').trim();
}

const words = ['-s', '--reason', 'a case of IBM asks for it'];

describe('a rebuild of RSCT', () => {
  it('gives the clone a new ID, keeps what was there, and is verified by the HMC', async () => {
    await bench.lab.node('lpar1').setScenario('node-id-duplicate');
    await cloned();
    const { change, request } = await propose(bench, {
      job: 'propose-fix',
      fix: 'rsct-rebuild',
      target: 'lpar1',
      args: ['-n'],
    });
    if (change === null) throw new Error(JSON.stringify(request));
    expect(change.approvalsNeeded).toBe(2);
    await approve(bench, change);
    const clock: Clock = { aheadMs: 0 };
    const done = await carryOn(change.id, withClock(bench.tools, clock), clock);
    expect([done.state, done.note]).toEqual(['verified', done.note]);
    const { root } = bench.lab.node('lpar1');
    expect(existsSync(join(root, `var/adm/aixops/${change.id}/save/var-ct.tar`))).toBe(true);
    expect(nodeIdOf('etc/ct_node_id')).not.toBe(twinId);
    expect((await changes()).filter((line) => line.startsWith('recfgct'))).toEqual(['recfgct -n']);

    const undo = await undoOf(done);
    await approve(bench, undo);
    const undone = await carryOn(undo.id, withClock(bench.tools, clock), clock);
    expect([undone.state, undone.note]).toEqual(['verified', undone.note]);
    expect(nodeIdOf('etc/ct_node_id')).toBe(twinId);
    expect((await bench.shared.changes.get(change.id))?.state).toBe('rolled-back');
  }, 180_000);

  it('removes cluster0 where it brings the old ID back, and puts it back on rolling back', async () => {
    await bench.lab.node('lpar1').setScenario('id-from-cluster0');
    await bench.tools.fleet.put([known('lpar7', twinId, '2020-01-01T00:00:00.000Z')]);
    const cuAt = () => nodeIdOf('state/cuat-cluster0');
    const found = cuAt();
    const args = ['-n', '--delete-cluster0', '--reason', 'the old ID came back'];
    const { change, request } = await propose(bench, {
      job: 'propose-fix',
      fix: 'rsct-rebuild',
      target: 'lpar1',
      args,
    });
    if (change === null) throw new Error(JSON.stringify(request));
    await approve(bench, change);
    const clock: Clock = { aheadMs: 0 };
    const done = await carryOn(change.id, withClock(bench.tools, clock), clock);
    expect([done.state, done.note]).toEqual(['verified', done.note]);
    expect(existsSync(join(bench.lab.node('lpar1').root, 'state/cuat-cluster0'))).toBe(false);
    const undo = await undoOf(done);
    await approve(bench, undo);
    const undone = await carryOn(undo.id, withClock(bench.tools, clock), clock);
    expect([undone.state, undone.note]).toEqual(['verified', undone.note]);
    expect(cuAt().replace(/\s+/g, ' ')).toBe(found.replace(/\s+/g, ' '));
  }, 180_000);

  it('leaves RMC running where recfgct fails, and is not tried a third time', async () => {
    await bench.lab.node('lpar1').setScenario('recfgct-refuses');
    await bench.tools.fleet.put([known('lpar7', twinId, '2020-01-01T00:00:00.000Z')]);
    const wish = { job: 'propose-fix', fix: 'rsct-rebuild', target: 'lpar1', args: words } as const;
    for (let time = 0; time < 2; time += 1) {
      const { change, request } = await propose(bench, wish);
      if (change === null) throw new Error(JSON.stringify(request));
      await approve(bench, change);
      const clock: Clock = { aheadMs: 0 };
      const done = await carryOn(change.id, withClock(bench.tools, clock), clock);
      expect([done.state, done.note]).toEqual(['failed', done.note]);
      expect(bench.lab.node('lpar1').state().subsystems['ctrmc']?.status).toBe('active');
    }
    const { change, request } = await propose(bench, wish);
    expect(change).toBeNull();
    expect(request?.conclusion?.text).toMatch(/no other fix is proposed/);
    if (request === null) throw new Error('the request is gone');
    const letter = JSON.stringify(await bench.shared.outbox.get(`${cardKeyOf(request)}:evidence`));
    expect(letter).toContain('snap -gtkc');
    expect(letter).toContain('/usr/bin/lssrc -a');
  }, 180_000);

  const shut: readonly (readonly [scenario: string, gate: string])[] = [
    ['peer-domain-online', 'G1'],
    ['peer-domain-offline', 'G1'],
    ['lsrpdomain-unreadable', 'G1'],
    ['caa', 'G2'],
    ['powerha', 'G[123]'],
    ['tsamp', 'G[14]'],
    ['ssp', 'G[25]'],
    ['vios', 'G5'],
    ['gpfs', 'G6'],
    ['vmrm', 'G7'],
    ['lpm-in-flight', 'G8'],
    ['errm', 'G9'],
    ['own-acls', 'G9'],
    ['wpar', 'G11'],
    ['not-root', 'G11'],
    ['disk-full', 'free-space'],
  ];

  it.each(shut)(
    'is refused under %s, and nothing is run on the node',
    async (scenario, gate) => {
      const node = bench.lab.node('lpar1');
      await node.setScenario(scenario);
      await bench.tools.fleet.put([known('lpar7', twinId, '2020-01-01T00:00:00.000Z')]);
      const before = await changes();
      const { change, request } = await propose(bench, {
        job: 'propose-fix',
        fix: 'rsct-rebuild',
        target: 'lpar1',
        args: words,
      });
      expect(change).toBeNull();
      expect(request?.conclusion?.kind, JSON.stringify(request)).toBe('refused');
      expect(request?.conclusion?.text).toMatch(new RegExp(`\\(gate ${gate}`));
      expect(await changes()).toEqual(before);
    },
    60_000,
  );

  it('ends unrun where a gate shuts between the approval and the start', async () => {
    const node = bench.lab.node('lpar1');
    await node.setScenario('healthy');
    await bench.tools.fleet.put([known('lpar7', twinId, '2020-01-01T00:00:00.000Z')]);
    const { change, request } = await propose(bench, {
      job: 'propose-fix',
      fix: 'rsct-rebuild',
      target: 'lpar1',
      args: words,
    });
    if (change === null) throw new Error(JSON.stringify(request));
    await approve(bench, change);
    await node.setScenario('peer-domain-offline');
    const before = await changes();
    await applyFix(change.id, bench.tools, never);
    const after: Change | null = await bench.shared.changes.get(change.id);
    expect(after?.state).toBe('stale');
    expect(after?.note).toMatch(/gate G1/);
    expect(await changes()).toEqual(before);
  }, 60_000);
});
