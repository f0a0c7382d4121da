import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { diagnose } from '../../jobs/diagnose.js';
import { expire } from '../../jobs/expire.js';
import { rollBack } from '../../jobs/roll-back.js';
import type { Tools } from '../../jobs/tools.js';
import type { Change, JournalEntry } from '../../src/approval/states.js';
import { alice, approve, cardOf, carryOn, never, propose, withClock, type Clock } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';
import { as } from '../desk/as.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench('clusters');
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
});

const nodes = ['erp1', 'erp2'] as const;
const tool = 'usr/es/sbin/cluster/utilities/clrexec_cert_setup';
const renew = { job: 'propose-fix', fix: 'clcomd-renew-certificates', target: 'erp' } as const;
const rhosts = { job: 'propose-fix', fix: 'clcomd-rhosts', target: 'erp' } as const;

async function everywhere(scenario: string): Promise<void> {
  for (const name of nodes) await bench.lab.node(name).setScenario(scenario);
}

/** Path → mode and content of everything in /etc/cluster of a node. */
function filesOf(name: string): Record<string, string> {
  const folder = join(bench.lab.node(name).root, 'etc/cluster');
  const files = readdirSync(folder).map((file) => {
    const path = join(folder, file);
    return [file, `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'latin1')}`] as const;
  });
  return Object.fromEntries(files);
}

async function proposed(wish: Parameters<typeof propose>[1]): Promise<Change> {
  const { change, request } = await propose(bench, wish);
  if (change === null) throw new Error(JSON.stringify(request));
  return change;
}

async function undoOf(change: Change): Promise<Change> {
  const request = await bench.desk.submit({ job: 'roll-back', change: change.id }, 'Undo', alice);
  await rollBack(request.id, bench.tools);
  const undo = await bench.shared.changes.get(`c-${request.id}`);
  if (undo === null) throw new Error('no undo was proposed');
  return undo;
}

async function carried(change: Change, tools: Tools = bench.tools): Promise<Change> {
  const clock: Clock = { aheadMs: 0 };
  return carryOn(change.id, withClock(tools, clock), clock);
}

/** Does something right after a journal entry was written, as if it happened at that moment. */
function when(matches: (entry: JournalEntry) => boolean, then: () => void | Promise<void>): Tools {
  const { changes } = bench.tools;
  const appendJournal: typeof changes.appendJournal = async (id, entry, lease) => {
    const after = await changes.appendJournal(id, entry, lease);
    if (matches(entry)) await then();
    return after;
  };
  return { ...bench.tools, changes: { ...changes, appendJournal } };
}

const ended = (step: string) => (entry: JournalEntry) => entry.kind === 'result' && entry.step === step;

/** Half an hour after it was verified the cluster is diagnosed once more, with a card of its own. */
async function looksAgain(change: Change): Promise<void> {
  const id = `after-${change.id}`;
  const waiting = await bench.shared.requests.get(id);
  expect([waiting?.phase, waiting?.asked]).toEqual([
    'queued',
    `clcomd of erp, 30 minutes after clcomd-rhosts (${change.id})`,
  ]);
  expect(await bench.shared.queues.depth('read')).toBeGreaterThan(0);
  await diagnose(id, bench.tools, never);
  const looked = await bench.shared.requests.get(id);
  expect([looked?.phase, looked?.verdicts.map(({ target, verdict }) => [target, verdict])]).toEqual([
    'done',
    [['erp', 'ok']],
  ]);
}

function snapshots() {
  const before = nodes.map((name) => bench.lab.node(name).snapshot());
  return () => nodes.flatMap((name, at) => bench.lab.node(name).changesSince(before[at]!)); // its own index
}

describe('renewing the certificates of a cluster', () => {
  it('needs two approvers, saves first, runs the tool once, proves every pair, and puts every byte back', async () => {
    await everywhere('cert-expired-security-on');
    const before = nodes.map((name) => filesOf(name));
    const change = await proposed(renew);
    expect([change.approvalsNeeded, change.plan.target]).toEqual([2, 'erp']);
    expect(change.plan.locks).toEqual(['cluster:erp', 'node:erp1', 'node:erp2']);
    await bench.desk.decide(change.id, 'approve', as('UBOB'));
    await applyFix(change.id, bench.tools, never);
    expect((await bench.shared.changes.get(change.id))?.state).toBe('proposed');
    await approve(bench, change);
    const done = await carried(change);
    expect([done.state, done.note]).toEqual(['verified', done.note]);
    expect(done.journal.filter((entry) => entry.kind === 'result').map(({ step }) => step)).toEqual([
      'save-1',
      'save-2',
      'renew',
      'renewed',
      'refresh-2',
      'answers-2',
      'refresh-1',
      'answers-1',
    ]);
    expect(done.note).toMatch(/clrsh answered 5 of 5 times in all 4 pairs/);
    expect(await bench.lab.node('erp2').ran('clrexec_cert_setup')).toEqual(['clrexec_cert_setup']);
    expect(await bench.lab.node('erp1').ran('clrexec_cert_setup')).toEqual([]);
    expect(nodes.map((name) => filesOf(name))).not.toEqual(before);

    const undo = await undoOf(done);
    expect(undo.approvalsNeeded).toBe(2);
    await approve(bench, undo);
    const undone = await carried(undo);
    expect([undone.state, undone.note]).toEqual(['verified', undone.note]);
    expect(undone.note).toMatch(/3 files on erp1 byte for byte as before/);
    expect(nodes.map((name) => filesOf(name))).toEqual(before);
    expect((await bench.shared.changes.get(change.id))?.state).toBe('rolled-back');
    expect(await bench.shared.locks.take(change.plan.locks, 'somebody')).toEqual({ ok: true });
  }, 240_000);

  it('keeps a copy from which every file comes back, which only root may see', async () => {
    await everywhere('cert-expired-security-on');
    const change = await proposed(renew);
    const directory =
      /\/var\/backup\/clcomd\/\S+(?=\/etc_cluster\.tar)/.exec(change.plan.basis.join('\n'))?.[0] ?? '';
    await approve(bench, change);
    const before = nodes.map((name) => filesOf(name));
    await carried(
      change,
      when(ended('save-2'), () => Promise.reject(new Error('killed here'))),
    ).catch(() => undefined);
    for (const [at, name] of nodes.entries()) {
      const copy = join(bench.lab.node(name).root, directory);
      expect((statSync(copy).mode & 0o777).toString(8)).toBe('700');
      const folder = mkdtempSync(join(bench.folder, 'unpacked-'));
      execFileSync('tar', ['-xpf', join(copy, 'etc_cluster.tar'), '-C', folder]);
      const unpacked = readdirSync(join(folder, 'cluster')).map((file) => [
        file,
        readFileSync(join(folder, 'cluster', file), 'latin1'),
      ]);
      const wanted = Object.entries(before[at] ?? {}).map(([file, text]) => [file, text.slice(4)]);
      expect(Object.fromEntries(unpacked)).toEqual(Object.fromEntries(wanted));
    }
    // No key in anything that was kept, posted or written down.
    const kept = JSON.stringify(await bench.shared.changes.get(change.id));
    expect(kept).not.toContain('PRIVATE KEY');
    rmSync(join(bench.folder, 'unpacked-'), { recursive: true, force: true });
  }, 120_000);

  it('goes on where a worker was killed, and never runs the tool again', async () => {
    await everywhere('cert-expired-security-on');
    const runs = (await bench.lab.node('erp2').ran('clrexec_cert_setup')).length;
    const change = await proposed(renew);
    await approve(bench, change);
    const dies = when(
      (entry) => entry.kind === 'intent' && entry.step === 'renew',
      () => Promise.reject(new Error('killed here')),
    );
    await expect(carried(change, dies)).rejects.toThrow('killed here');
    const again = await bench.restart();
    const done = await carried(change, again.tools);
    await again.close();
    // The intent was another worker's: with gates the step is taken back and begun anew, once.
    expect([done.state, done.note]).toEqual(['verified', done.note]);
    expect((await bench.lab.node('erp2').ran('clrexec_cert_setup')).length - runs).toBe(1);
  }, 240_000);

  it.each([
    ['tool-missing', /is not on erp1.*Where the site has no such program/],
    ['tool-writable', /can be written to by others than root/],
    ['tool-foreign-owner', /belongs to build:staff/],
    ['tool-a-link', /is a link to/],
  ])(
    'is refused under %s, and nothing is changed on any node',
    async (scenario, reason) => {
      await everywhere('cert-expired-security-on');
      await bench.lab.node('erp1').setScenario(scenario);
      const changed = snapshots();
      const { change, request } = await propose(bench, renew);
      expect(change).toBeNull();
      expect(request?.conclusion).toMatchObject({
        kind: 'refused',
        text: expect.stringMatching(reason) as string,
      });
      expect(request?.conclusion?.text).toContain('gate C11');
      expect(changed()).toEqual([]);
    },
    60_000,
  );

  it('is out of date where the tool was changed between the approval and the run, and changes nothing', async () => {
    await everywhere('cert-expired-security-on');
    const change = await proposed(renew);
    await approve(bench, change);
    appendFileSync(join(bench.lab.node('erp1').root, tool), '# changed\n');
    const changed = snapshots();
    await applyFix(change.id, bench.tools, never);
    const after = await bench.shared.changes.get(change.id);
    expect(after?.state).toBe('stale');
    expect(after?.note).toMatch(/it is: certificate tool on erp1: .*cksum/);
    expect(changed()).toEqual([]);
  }, 60_000);

  it('ends before the tool where that was changed while the copies were made', async () => {
    await everywhere('cert-expired-security-on');
    const before = nodes.map((name) => filesOf(name));
    const runs = (await bench.lab.node('erp2').ran('clrexec_cert_setup')).length;
    const change = await proposed(renew);
    await approve(bench, change);
    const tamper = () => appendFileSync(join(bench.lab.node('erp2').root, tool), '# changed\n');
    const done = await carried(change, when(ended('save-2'), tamper));
    expect(done.state).toBe('failed');
    expect(done.note).toMatch(
      /The certificate tool on erp2 is not what was approved.*gate C11.*Nothing of "Run /s,
    );
    expect((await bench.lab.node('erp2').ran('clrexec_cert_setup')).length).toBe(runs);
    expect(nodes.map((name) => filesOf(name))).toEqual(before);
    const card = await cardOf(bench, done);
    expect(card.text).toContain('on erp2');
  }, 120_000);

  it('fails where the tool renews one node only, and the button puts that one back', async () => {
    await everywhere('tool-fails-half');
    const before = nodes.map((name) => filesOf(name));
    const change = await proposed(renew);
    await approve(bench, change);
    const done = await carried(change);
    expect([done.state, done.note]).toEqual(['failed', done.note]);
    expect((await cardOf(bench, done)).actions).toContain('roll-back');
    const undo = await undoOf(done);
    await approve(bench, undo);
    const undone = await carried(undo);
    expect([undone.state, undone.note]).toEqual(['verified', undone.note]);
    expect(nodes.map((name) => filesOf(name))).toEqual(before);
  }, 240_000);

  it.each([
    ['cert-expired-security-off', 'Message authentication is off in erp'],
    ['intermittent-mtu-expired', 'clrsh works now and then'],
  ])(
    'is refused under %s',
    async (scenario, reason) => {
      await everywhere(scenario);
      const { change, request } = await propose(bench, renew);
      expect(change).toBeNull();
      expect(request?.conclusion?.text).toContain(reason);
    },
    60_000,
  );
});

describe('a change of the list of hosts', () => {
  it('gives every node the same list, whole, and puts back what was there byte for byte', async () => {
    await everywhere('rhosts-stale');
    const before = nodes.map((name) => filesOf(name));
    const change = await proposed(rhosts);
    expect(change.approvalsNeeded).toBe(1);
    expect(change.plan.comparison?.lines).toHaveLength(5);
    expect((await cardOf(bench, change)).text).toContain('127.0.1.251');
    await approve(bench, change);
    const done = await carried(change);
    expect([done.state, done.note]).toEqual(['verified', done.note]);
    const lists = nodes.map((name) => filesOf(name)['rhosts']);
    expect(lists).toEqual(['600 127.0.1.31\n127.0.1.32\n', '600 127.0.1.31\n127.0.1.32\n']);
    await looksAgain(done);
    const undo = await undoOf(done);
    await approve(bench, undo);
    const undone = await carried(undo);
    expect([undone.state, undone.note]).toEqual(['verified', undone.note]);
    expect(nodes.map((name) => filesOf(name))).toEqual(before);
  }, 240_000);

  it.each(['rhosts-missing', 'rhosts-empty', 'rhosts-crlf', 'rhosts-mode', 'rhosts-owner'])(
    'mends %s on the one node that has it',
    async (scenario) => {
      await everywhere('healthy');
      await bench.lab.node('erp2').setScenario(scenario);
      const change = await proposed(rhosts);
      expect(change.plan.steps.map(({ id }) => id)).toEqual(['save-1', 'save-2', 'write-2', 'answers-2']);
      const isGone = scenario === 'rhosts-missing' || scenario === 'rhosts-empty';
      expect(change.plan.rollback.kind).toBe(isGone ? 'none' : 'steps');
      await approve(bench, change);
      const done = await carried(change);
      expect([done.state, done.note]).toEqual(['verified', done.note]);
      expect(filesOf('erp2')['rhosts']).toBe(filesOf('erp1')['rhosts']);
      expect(Object.keys(filesOf('erp2')).filter((file) => file.includes('aixops'))).toEqual([]);
    },
    120_000,
  );

  it('ends at the first node where a refresh does not help, and leaves the next as it is', async () => {
    await everywhere('rhosts-stale-refresh-ignored');
    const first = filesOf('erp1');
    const change = await proposed(rhosts);
    await approve(bench, change);
    const done = await carried(change);
    expect([done.state, done.note]).toEqual([
      'failed',
      expect.stringMatching(/ended after 3 min without it/),
    ]);
    expect(filesOf('erp1')).toEqual(first);
  }, 180_000);

  const shut: readonly (readonly [scenario: string, gate: string])[] = [
    ['unreachable', 'C1'],
    ['level-behind', 'C2'],
    ['manager-joining', 'C3'],
    ['events-waiting', 'C4'],
    ['rg-unmanaged', 'C5'],
    ['caa-node-down', 'C6'],
    ['sync-running', 'C7'],
    ['repository-lost', 'C8'],
    ['takeover-just-now', 'C9'],
    ['disk-full', 'C10'],
  ];

  it.each(shut)(
    'is refused under %s, and nothing is changed on any node',
    async (scenario, gate) => {
      await bench.lab.node('erp1').setScenario(scenario);
      await bench.lab.node('erp2').setScenario('rhosts-stale');
      const changed = snapshots();
      const { change, request } = await propose(bench, rhosts);
      expect(change).toBeNull();
      expect(request?.conclusion?.text).toMatch(new RegExp(`\\(gate ${gate};|by .*\\b${gate}\\b`));
      expect(changed()).toEqual([]);
    },
    60_000,
  );

  it('ends unrun on all nodes where one is lost between two steps', async () => {
    await everywhere('rhosts-stale');
    const before = nodes.map((name) => filesOf(name));
    const change = await proposed(rhosts);
    await approve(bench, change);
    const done = await carried(
      change,
      when(ended('save-1'), () =>
        bench.lab
          .node('erp2')
          .setSsh('closed')
          .then(() => bench.lab.node('erp2').drop()),
      ),
    );
    await bench.lab.node('erp2').setSsh('normal');
    expect([done.state, done.note]).toEqual([
      'failed',
      expect.stringMatching(/erp2 cannot be reached.*gate C1/s),
    ]);
    expect(nodes.map((name) => filesOf(name))).toEqual(before);
  }, 180_000);
});

describe('a small change of clcomd', () => {
  it('starts it where it is down, on that node only, and stops it there again on rolling back', async () => {
    await everywhere('healthy');
    await bench.lab.node('erp2').setScenario('clcomd-down');
    // A node's name means its cluster.
    const change = await proposed({ job: 'propose-fix', fix: 'clcomd-start', target: 'erp1' });
    expect([change.plan.target, change.approvalsNeeded]).toEqual(['erp', 1]);
    await approve(bench, change);
    const done = await carried(change);
    expect([done.state, done.note]).toEqual(['verified', done.note]);
    expect(await bench.lab.node('erp1').ran('startsrc')).toEqual([]);
    const undo = await undoOf(done);
    await approve(bench, undo);
    expect((await carried(undo)).state).toBe('verified');
    expect(bench.lab.node('erp2').state().subsystems['clcomd']?.status).toBe('inoperative');
  }, 120_000);

  it('does not count a clcomd that ends again', async () => {
    await everywhere('healthy');
    await bench.lab.node('erp2').setScenario('clcomd-dies');
    const change = await proposed({ job: 'propose-fix', fix: 'clcomd-start', target: 'erp' });
    await approve(bench, change);
    expect((await carried(change)).state).toBe('failed');
  }, 180_000);

  it('leaves no run directory on any node after its time', async () => {
    await everywhere('healthy');
    await bench.lab.node('erp2').setScenario('rhosts-crlf');
    const change = await proposed(rhosts);
    await approve(bench, change);
    await carried(change);
    const places = nodes.map((name) => join(bench.lab.node(name).root, 'var/adm/aixops', change.id));
    expect(places.map((place) => existsSync(place))).toEqual([true, true]);
    await expire({ ...bench.tools, keepRunDirectoryMs: 0, clock: () => Date.now() + 3_600_000 });
    expect(places.map((place) => existsSync(place))).toEqual([false, false]);
  }, 120_000);
});
