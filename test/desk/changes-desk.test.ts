import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocks, type Locks } from '../../src/approval/locks.js';
import { createPageStore } from '../../src/approval/page-store.js';
import { createRolloutStore } from '../../src/approval/rollout-store.js';
import { createChangeStore, type ChangeStore } from '../../src/approval/store.js';
import { createAudit, type Audit } from '../../src/audit/audit.js';
import { allChanges, type ChangesAsk } from '../../src/core/changes-ask.js';
import { ChangesDesk } from '../../src/desk/changes-desk.js';
import { HomeDesk } from '../../src/desk/home-desk.js';
import { createLooking } from '../../src/redis/looking.js';
import { createDigestStore } from '../../src/digest/store.js';
import { createOutbox, type Outbox } from '../../src/outbox/outbox.js';
import { policySchema } from '../../src/policy/schema.js';
import { busyWeek, changeIn } from '../approval/many-changes.js';
import { smallEstate } from '../commands/small-estate.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { as, mayIBy } from './as.js';

const prefix = '{t}:';
const now = Date.parse('2026-11-21T08:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'aixops-changes-desk-'));
const { inventory } = smallEstate();
const policy = policySchema.parse({
  approvers: ['UBOB'],
  people: { UALICE: { name: 'Alice', aliases: ['UALICE2'] } },
  allow: { diagnose: ['UALICE', 'UBOB'], propose: ['UALICE'] },
  rules: [{ who: ['UTEST'], may: ['see-changes'], targets: ['lpar2'] }],
});
let server: RedisServer;
let redis: Redis;
let changes: ChangeStore;
let locks: Locks;
let audit: Audit;
let outbox: Outbox;
let desk: ChangesDesk;
let home: HomeDesk;
let ids = 0;

beforeAll(async () => {
  server = await startRedis({ folder });
  redis = new Redis(server.url);
  changes = createChangeStore(redis, prefix);
  locks = createLocks(redis, prefix);
  audit = createAudit(redis, prefix, () => now);
  outbox = createOutbox(redis, prefix, () => Promise.resolve());
  const freeze = () => Promise.resolve({ by: 'UBOB', at: '2026-11-21T07:00:00.000Z', reason: 'Quarter end' });
  const shared = { inventory, policy, changes, locks, audit, outbox, freeze, clock: () => now };
  const mayI = mayIBy(policy, audit);
  const newId = () => `p${(ids += 1)}`;
  desk = new ChangesDesk({
    ...shared,
    mayI,
    pages: createPageStore(redis, prefix),
    approversHint: '',
    newId,
  });
  const digest = createDigestStore(redis, prefix);
  home = new HomeDesk({
    ...shared,
    mayI,
    desk,
    digest,
    digestChannels: [],
    rollouts: createRolloutStore(redis, prefix),
    looking: createLooking(redis, prefix),
  });
}, 60_000);
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.flushall();
});

async function seed(count = 30): Promise<void> {
  for (const change of busyWeek(count, now)) await changes.create(change);
}

async function listed(ask: Partial<ChangesAsk>, user = 'UALICE') {
  const page = await desk.list({ ...allChanges, ...ask }, '/changes', as(user));
  if (page.kind !== 'page') throw new Error(page.sentence);
  return page;
}

describe('the list of changes', () => {
  it('turns pages by ids that hold the whole question, there and back', async () => {
    await seed();
    const first = await listed({ by: 'me' });
    expect([first.total, first.changes.length, first.newer]).toEqual([22, 10, null]);
    const second = await desk.page(first.older ?? '', as('UBOB'));
    expect(second).toMatchObject({ kind: 'page', total: 22, from: 10 });
    if (second?.kind !== 'page') throw new Error('no page');
    // Another who turns the page sees what was asked for, and not what he himself asked for.
    expect(second.changes.every(({ requester }) => requester === 'UALICE')).toBe(true);
    const third = await desk.page(second.older ?? '', as('UALICE'));
    expect(third).toMatchObject({ from: 20, older: null });
    expect(await desk.page(second.newer ?? '', as('UALICE'))).toMatchObject({
      from: 0,
      changes: first.changes,
    });
    expect(await desk.page('p-unknown', as('UALICE'))).toBeNull();
  });

  it('counts all accounts of one person, and knows people by the name that the policy gives them', async () => {
    await changes.create(changeIn('c-1', { state: 'verified', createdMs: now, requester: 'UALICE2' }));
    for (const by of ['me', 'alice', 'UALICE', 'UALICE2']) expect((await listed({ by })).total, by).toBe(1);
    const unknown = await desk.list({ ...allChanges, by: 'mallory' }, '/changes', as('UALICE'));
    expect(unknown).toMatchObject({ kind: 'refused' });
    expect('sentence' in unknown ? unknown.sentence : '').toContain('Nobody called "mallory"');
  });

  it('means a cluster’s nodes by the cluster, and its changes by a node', async () => {
    await seed();
    const targets = async (selector: string) => [
      ...new Set((await listed({ targets: [selector] })).changes.map(({ plan }) => plan.target)),
    ];
    expect(await targets('lpar1')).toEqual(['lpar1']);
    expect((await targets('cluster:erp')).sort()).toEqual(['erp', 'erp-db1']);
    expect((await targets('system:p9-a')).sort()).toEqual(['lpar1', 'lpar2']);
  });

  it('shows each person only changes of targets that this person may see, and says how many it leaves out', async () => {
    await seed(20);
    const page = await listed({}, 'UTEST');
    expect(page.changes.every(({ plan }) => plan.target === 'lpar2')).toBe(true);
    expect(page.hidden).toBe(10 - page.changes.length);
    expect(page.hidden).toBeGreaterThan(0);
    const other = page.changes[0];
    expect(await desk.details(other?.id ?? '', as('UTEST'))).toMatchObject({ kind: 'details' });
    expect(await desk.details('c-0000', as('UTEST'))).toMatchObject({ kind: 'refused' });
    expect(await desk.file('c-0000', as('UTEST'))).toMatchObject({ kind: 'refused' });
    expect(await desk.list(allChanges, '/changes', as('UMALLORY'))).toMatchObject({ kind: 'refused' });
    // Lists write nothing down for what they leave out; opening one does.
    expect((await audit.read(0, 50)).map(({ actor, object }) => [actor, object])).toEqual([
      ['UTEST', 'c-0000'],
      ['UTEST', 'c-0000'],
      ['UMALLORY', '/changes'],
    ]);
  });

  it('shows a change with its records, and its whole record once as a file in the thread of its card', async () => {
    await changes.create(changeIn('c-1', { state: 'failed', createdMs: now }));
    await audit.append({ code: 'change.ended', actor: 'worker', object: 'c-1', detail: { state: 'failed' } });
    const details = await desk.details('c-1', as('UALICE'));
    expect(details).toMatchObject({ trail: [{ code: 'change.ended' }], card: null });
    expect(await desk.file('c-1', as('UALICE'))).toMatchObject({ kind: 'done' });
    const again = await desk.file('c-1', as('UBOB'));
    expect(again).toEqual({
      kind: 'done',
      sentence: 'The whole record is a file in the thread of its card.',
    });
    // The card was not known any more: it is there again, or the file would stand in the channel.
    const queued = await outbox.queue('C1', 10);
    expect(queued.map(({ key }) => key)).toEqual(['change:c-1', 'change:c-1:record:1']);
    const file = queued[1]?.content;
    const text = file?.kind === 'file' ? file.file.content : '';
    expect(text).toContain('0513-059 The ctrmc Subsystem has been stopped.');
    expect(text).not.toContain('hunter2secret');
    expect(await desk.details('c-none', as('UALICE'))).toBeNull();
  });
});

describe('releasing a lock by force', () => {
  const release = (lock: string, user = 'UBOB') =>
    desk.release(lock, 'lpar1 was looked at: nothing runs', as(user));

  it.each(['unknown', 'failed'] as const)(
    'works for a change that is %s, and writes the reason down first',
    async (state) => {
      await changes.create(changeIn('c-1', { state, createdMs: now }));
      await locks.take(['node:lpar1', 'cluster:erp'], 'c-1');
      expect(await release('lpar1')).toMatchObject({
        kind: 'done',
        sentence: expect.stringContaining('node:lpar1') as string,
      });
      expect(await locks.held()).toEqual([{ key: 'cluster:erp', holder: 'c-1' }]);
      expect(await audit.read(0, 5)).toMatchObject([
        { code: 'lock.released', actor: 'UBOB', object: 'c-1', detail: { lock: 'node:lpar1', state } },
      ]);
      const note = (await changes.get('c-1'))?.note ?? '';
      expect(note.includes('was released by force')).toBe(state === 'unknown');
    },
  );

  it.each(['approved', 'running', 'waiting', 'verifying'] as const)(
    'is refused while its change is %s',
    async (state) => {
      await changes.create(changeIn('c-1', { state, createdMs: now }));
      await locks.take(['node:lpar1'], 'c-1');
      expect(await release('node:lpar1')).toMatchObject({ kind: 'refused' });
      expect(await locks.held()).toHaveLength(1);
      expect(await audit.read(0, 5)).toEqual([]);
    },
  );

  it('is for approvers, and tells others nothing of the locks there are', async () => {
    await changes.create(changeIn('c-1', { state: 'unknown', createdMs: now }));
    await locks.take(['node:lpar1'], 'c-1');
    const refusal = await release('node:lpar1', 'UTEST');
    expect(refusal.kind).toBe('refused');
    expect((await release('node:pvs1', 'UTEST')).sentence).not.toContain('lpar1');
    expect(await locks.held()).toHaveLength(1);
  });

  it('knows which lock was meant, and releases none where it is not sure', async () => {
    await changes.create(changeIn('c-1', { state: 'unknown', createdMs: now }));
    await locks.take(['node:lpar1'], 'c-1');
    expect((await release('node:lpar2')).sentence).toContain('Did you mean node:lpar1?');
    expect((await release('pvs1')).sentence).toContain('/changes locks lists');
    expect(await locks.held()).toHaveLength(1);
  });

  it('does nothing where the trail takes no record', async () => {
    await changes.create(changeIn('c-1', { state: 'unknown', createdMs: now }));
    await locks.take(['node:lpar1'], 'c-1');
    const broken = { ...audit, append: () => Promise.reject(new Error('not written')) };
    const mute = new ChangesDesk({
      ...{ inventory, policy, changes, locks, outbox, audit: broken, clock: () => now },
      ...{
        mayI: mayIBy(policy, audit),
        pages: createPageStore(redis, prefix),
        approversHint: '',
        newId: () => 'x',
      },
      freeze: () => Promise.resolve(null),
    });
    await expect(mute.release('node:lpar1', 'because', as('UBOB'))).rejects.toThrow('not written');
    expect(await locks.held()).toHaveLength(1);
  });
});

describe('the Home tab', () => {
  it('offers approval to who may give it, steps to who carries them, and withdrawal to who asked', async () => {
    for (const [n, state] of (['proposed', 'waiting', 'unknown', 'running', 'verified'] as const).entries())
      await changes.create(changeIn(`c-${state}`, { state, createdMs: now - n * 1_000 }));
    await locks.take(['node:lpar1'], 'c-running');
    const name = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);
    const bob = await home.home('UBOB');
    expect([name(bob.decide), name(bob.carry), name(bob.asked)]).toEqual([['c-proposed'], [], []]);
    expect([name(bob.unknown), name(bob.running)]).toEqual([['c-unknown'], ['c-waiting', 'c-running']]);
    expect(bob).toMatchObject({ locks: [{ key: 'node:lpar1' }], freeze: { reason: 'Quarter end' } });
    const alice = await home.home('UALICE');
    expect([name(alice.decide), name(alice.carry), name(alice.asked)]).toEqual([
      [],
      ['c-waiting'],
      ['c-proposed'],
    ]);
    expect(name(alice.running)).toEqual(['c-running']);
    // Her other account is the same human.
    expect(name((await home.home('UALICE2')).decide)).toEqual([]);
    const mallory = await home.home('UMALLORY');
    expect(mallory).toMatchObject({ isAllowed: false, unknown: [], locks: [] });
    expect(await audit.read(0, 5)).toEqual([]);
  });

  it('knows who looks, and where the things live that its buttons stand for', async () => {
    await changes.create(changeIn('c-1', { state: 'proposed', createdMs: now }));
    expect(await home.isLooking('UBOB')).toBe(false);
    await home.look('UBOB');
    expect(await home.lookers()).toEqual([]);
    await home.home('UBOB');
    expect([await home.isLooking('UBOB'), await home.lookers()]).toEqual([true, ['UBOB']]);
    expect([await home.channelOf('c-1'), await home.channelOf('c-2')]).toEqual(['C1', null]);
  });
});
