import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { remind } from '../../jobs/remind.js';
import type { Change } from '../../src/approval/states.js';
import { exampleChange } from '../approval/example-change.js';
import { as } from '../desk/as.js';
import { openDeskBench, type DeskBench } from '../desk/desk-bench.js';

let bench: DeskBench;
beforeAll(async () => {
  bench = await openDeskBench();
});
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.fresh();
});

const named = { approvers: ['UALICE', 'UBOB', 'UCAROL'] };

/** Proposed at 02:00, it expires at 03:00. */
async function proposed(patch: Partial<Change> = {}): Promise<void> {
  await bench.changes.create(exampleChange({ channel: 'C1', approvalsNeeded: 2, ...patch }));
}

async function lookAt(time: string, policy: unknown = named): Promise<void> {
  bench.now = Date.parse(`2026-03-01T${time}:00.000Z`);
  await remind(bench.tools(policy));
}

async function said(rank: number, key = 'request:1'): Promise<string | null> {
  const entry = await bench.outbox.get(`${key}:remind:${rank}`);
  return entry?.content.kind === 'message' ? entry.content.message.text : null;
}

describe('reminders', () => {
  it('come after 10, 20 and 40 minutes, to who may approve, never to who asked or has approved', async () => {
    await proposed();
    await lookAt('02:09');
    expect(await said(1)).toBeNull();
    await lookAt('02:10');
    expect(await said(1)).toMatch(
      /^<@UBOB>, <@UCAROL>: .*still waits for 2 approvals, until <!date\^\d+\^.*UTC>/,
    );
    await bench.desk(named).decide('c-1', 'approve', as('UBOB'));
    await lookAt('02:20');
    expect(await said(2)).toMatch(/^<@UCAROL>: .*still waits for one approval/);
    await lookAt('02:39');
    expect(await said(3)).toBeNull();
    await lookAt('02:40');
    expect(await said(3)).toMatch(/^<@UCAROL>/);
  });

  it('are sent once each, by several workers at once and after a restart', async () => {
    await proposed();
    bench.now = Date.parse('2026-03-01T02:10:00.000Z');
    await Promise.all(Array.from({ length: 8 }, () => remind(bench.tools(named))));
    await remind(bench.tools(named));
    expect((await bench.outbox.get('request:1:remind:1'))?.version).toBe(1);
  });

  it('are one where several fell due while no worker was there, and none after the end', async () => {
    await proposed();
    await lookAt('02:45');
    expect([await said(1), await said(2)]).toEqual([null, null]);
    expect(await said(3)).not.toBeNull();
    await bench.fresh();
    await proposed();
    await lookAt('03:00');
    expect(await said(3)).toBeNull();
  });

  it('stop once it is decided, taken back or begun', async () => {
    for (const state of ['approved', 'rejected', 'stale', 'expired', 'running'] as const) {
      await bench.fresh();
      await proposed({ state });
      await lookAt('02:20');
      expect(await said(2)).toBeNull();
    }
  });

  it('wake nobody where everyone may approve', async () => {
    await proposed();
    await lookAt('02:10', { approvers: 'everyone' });
    const text = (await said(1)) ?? '';
    expect(text).toContain('still waits');
    expect(text).not.toMatch(/<@|<!subteam|<!channel|<!here/);
  });

  it('are for one account of each person that the rules name for that fix and target, groups included', async () => {
    await proposed();
    const policy = {
      approvers: 'nobody',
      people: { UBOB: { aliases: ['UBOB2'] } },
      groups: { oncall: { usergroup: 'S0ONCALL' }, storage: { users: ['UBOB2', 'UERIN'] } },
      rules: [
        { who: ['group:oncall', 'group:storage'], may: ['approve'], what: ['rmc-enable-remote'] },
        { who: ['UFRANK'], may: ['approve'], what: ['risk:high'] },
        { who: ['UGRACE'], may: ['propose'] },
      ],
    };
    await lookAt('02:10', policy);
    // UALICE is in the user group too, and has asked for it.
    expect(await said(1)).toMatch(/^<@UDAVE>, <@UBOB2?>, <@UERIN>: /);
  });

  it('come when the policy says, or never', async () => {
    await proposed();
    await lookAt('02:05', { ...named, approvals: { remindMinutes: [5] } });
    expect(await said(1)).not.toBeNull();
    await bench.fresh();
    await proposed();
    await lookAt('02:50', { ...named, approvals: { remindMinutes: [] } });
    expect((await bench.redis.keys('*remind*')).length).toBe(0);
  });
});
