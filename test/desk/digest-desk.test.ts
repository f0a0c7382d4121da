import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createChangeStore } from '../../src/approval/store.js';
import { createAudit, type Audit } from '../../src/audit/audit.js';
import { Desk } from '../../src/desk/desk.js';
import { DigestDesk } from '../../src/desk/digest-desk.js';
import { certificatesOf, itemsOfLine } from '../../src/digest/marked.js';
import { createDigestStore, type DigestStore } from '../../src/digest/store.js';
import { createOutbox } from '../../src/outbox/outbox.js';
import { policySchema } from '../../src/policy/schema.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { createRequestStore } from '../../src/requests/store.js';
import { smallEstate } from '../commands/small-estate.js';
import { build, inDays, node, now, store, stored } from '../digest/examples.js';
import { log } from '../jobs/workbench.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { as, mayIBy, noCodes } from './as.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-digest-desk-'));
let server: RedisServer;
let redis: Redis;
let digest: DigestStore;
let audit: Audit;
let desk: DigestDesk;
let queued: string[];

// A minute after the edition was made.
const clock = (): number => now + 60_000;
const { edition, memory } = build([
  node('lpar1', [store('/etc/a.pem', [stored({ until: inDays(3) })])], { cluster: null }),
]);
const line = certificatesOf(edition)[0]?.id ?? '';
const acknowledged = { act: 'acknowledge', reason: 'ordered', until: inDays(10) } as const;
const snoozed = { act: 'snooze', until: inDays(3) } as const;

beforeAll(async () => {
  server = await startRedis({ folder });
  redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 5_000);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.flushall();
  queued = [];
  digest = createDigestStore(redis, keyPrefix);
  audit = createAudit(redis, keyPrefix, clock);
  const { inventory } = smallEstate();
  let ids = 0;
  const shared = {
    ...{ inventory, audit, clock, log },
    timeGate: () => Promise.resolve({ kind: 'open' as const, glass: null }),
    outbox: createOutbox(redis, keyPrefix, () => Promise.resolve()),
    newId: () => `id${(ids += 1)}`,
    bus: { publish: () => Promise.resolve() },
    queue: {
      add: (_queue: string, name: string) => {
        queued.push(name);
        return Promise.resolve();
      },
    },
  };
  const policy = policySchema.parse({
    allow: { diagnose: ['UALICE', 'UBOB', 'UCAROL'], propose: ['UALICE', 'UBOB'] },
  });
  const requests = createRequestStore(redis, keyPrefix);
  const changes = createChangeStore(redis, keyPrefix);
  desk = new DigestDesk({
    ...shared,
    digest,
    desk: new Desk({
      ...shared,
      stepUp: noCodes,
      mayI: mayIBy(policy, audit),
      policy,
      requests,
      changes,
      approversHint: '',
    }),
  });
  await digest.keepDaily(edition, memory);
});

/** `code actor detail`, oldest first. */
async function trail(): Promise<readonly object[]> {
  return (await audit.read(0, 100)).map(({ code, actor, object, detail }) => ({
    code,
    actor,
    object,
    detail,
  }));
}

async function kept() {
  const [item = ''] = itemsOfLine(certificatesOf(edition)[0] ?? fail());
  return (await digest.marks([item])).get(item) ?? null;
}

function fail(): never {
  throw new Error('the edition has no line');
}

describe('who may do what to a line of the digest', () => {
  it.each([
    ['acknowledge', acknowledged],
    ['snooze', snoozed],
    ['assign', { act: 'assign', owner: 'UCAROL' }],
  ] as const)(
    'lets nobody %s whom the policy does not let, keeps nothing, and writes the refusal down',
    async (_act, said) => {
      expect(await desk.say(line, as('UCAROL'), said, '')).toEqual({
        kind: 'refused',
        sentence: 'You may not acknowledge, snooze or assign certificates here.',
      });
      expect(await kept()).toBeNull();
      expect(await trail()).toEqual([
        {
          code: 'request.refused',
          actor: 'UCAROL',
          object: line,
          detail: { action: 'tend', rule: 'tend' },
        },
      ]);
    },
  );

  it.each(['cert-acknowledge', 'cert-snooze', 'cert-assign'] as const)(
    'opens no form of %s for such a person',
    async (action) => {
      expect(await desk.open(line, as('UCAROL'), action)).toMatchObject({ kind: 'refused' });
      expect(await trail()).toMatchObject([{ code: 'request.refused', actor: 'UCAROL' }]);
    },
  );

  it('shows details to who may diagnose, and to nobody else', async () => {
    expect(await desk.open(line, as('UCAROL'), 'cert-details')).toMatchObject({ kind: 'line' });
    expect(await trail()).toEqual([]);
    expect(await desk.open(line, as('UMALLORY'), 'cert-details')).toMatchObject({ kind: 'refused' });
    expect(await trail()).toMatchObject([
      { code: 'request.refused', actor: 'UMALLORY', detail: { rule: 'diagnose' } },
    ]);
  });

  it.each(['recheck', 'clcomd'] as const)(
    'queues no %s for who may not diagnose, and writes the refusal down',
    async (act) => {
      const origin = { teamId: 'T0EXAMPLE', channel: 'C0OPS', user: 'UMALLORY', threadTs: null };
      const answer =
        act === 'recheck'
          ? await desk.recheck(line, as('UMALLORY'))
          : await desk.diagnoseClcomd(line, { ...origin, user: 'UMALLORY' });
      expect(answer).toEqual({ kind: 'refused', sentence: 'You may not run diagnostics here.' });
      expect(queued).toEqual([]);
      expect(await trail()).toMatchObject([{ code: 'request.refused', actor: 'UMALLORY', object: line }]);
    },
  );

  it('says of a certificate of no cluster that there is no clcomd to look at', async () => {
    const origin = { teamId: 'T0EXAMPLE', channel: 'C0OPS', user: 'UALICE', threadTs: null };
    expect(await desk.diagnoseClcomd(line, origin)).toEqual({
      kind: 'refused',
      sentence: 'This certificate belongs to no cluster. Nothing was done.',
    });
    expect(queued).toEqual([]);
  });

  it('knows no line that is gone', async () => {
    expect(await desk.open('nothing', as('UALICE'), 'cert-details')).toBeNull();
    expect(await desk.say('nothing', as('UALICE'), snoozed, '')).toBeNull();
    expect(await desk.recheck('nothing', as('UALICE'))).toBeNull();
    expect(await trail()).toEqual([]);
  });
});

describe('two people at the same line', () => {
  it('keeps what was said first, tells the second who that was, and writes down that nothing came of it', async () => {
    expect(await desk.say(line, as('UALICE'), acknowledged, '')).toMatchObject({ kind: 'done' });
    const answer = await desk.say(line, as('UBOB'), snoozed, '');
    expect(answer).toMatchObject({ kind: 'refused' });
    expect(answer?.sentence).toContain(
      '<@UALICE> has acknowledged this at 2026-11-21 07:31 UTC, while your form was open. Nothing was written.',
    );
    expect((await kept())?.hush).toMatchObject({ kind: 'acknowledged', by: 'UALICE', reason: 'ordered' });
    expect(await trail()).toMatchObject([
      { code: 'digest.marked', actor: 'UALICE', detail: { act: 'acknowledge', what: acknowledged.until } },
      { code: 'digest.marked', actor: 'UBOB', detail: { act: 'snooze' } },
      {
        code: 'request.refused',
        actor: 'UBOB',
        object: line,
        detail: { action: 'snooze', rule: 'said-meanwhile' },
      },
    ]);
  });

  it('takes what the second says where the form showed what the first had said', async () => {
    await desk.say(line, as('UALICE'), acknowledged, '');
    const opened = await desk.open(line, as('UBOB'), 'cert-snooze');
    const seen = opened?.kind === 'line' ? (opened.hush?.at ?? '') : '';
    expect(seen).toBe('2026-11-21T07:31:00.000Z');
    expect(await desk.say(line, as('UBOB'), snoozed, seen)).toMatchObject({ kind: 'done' });
    expect((await kept())?.hush).toMatchObject({ kind: 'snoozed', by: 'UBOB' });
  });

  it('lets one of two win who press at the same moment, every time', async () => {
    for (let round = 0; round < 40; round += 1) {
      await redis.flushall();
      await digest.keepDaily(edition, memory);
      const answers = await Promise.all([
        desk.say(line, as('UALICE'), acknowledged, ''),
        desk.say(line, as('UBOB'), snoozed, ''),
      ]);
      expect(answers.map((answer) => answer?.kind).sort()).toEqual(['done', 'refused']);
      const [winner, loser] = answers[0]?.kind === 'done' ? ['UALICE', 'UBOB'] : ['UBOB', 'UALICE'];
      expect((await kept())?.hush?.by).toBe(winner);
      expect(await trail()).toContainEqual(
        expect.objectContaining({ code: 'request.refused', actor: loser }),
      );
    }
  });
});
