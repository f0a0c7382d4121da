import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyFix } from '../../jobs/apply-fix.js';
import { expire } from '../../jobs/expire.js';
import { proposeFix } from '../../jobs/propose-fix.js';
import type { AuditRecord } from '../../src/audit/audit.js';
import { createTrail } from '../../src/audit/trail.js';
import { TrailCheck } from '../../src/audit/verify.js';
import { policyVersion } from '../../src/policy/version.js';
import { keyPrefix } from '../../src/redis/connect.js';
import { as } from '../desk/as.js';
import { openWorkbench, type Workbench } from './workbench.js';

const never = new AbortController().signal;
let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});

it('tells of a change who asked, who approved, with which key it ran, and how each step ended', async () => {
  const origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };
  const wish = { job: 'propose-fix', fix: 'rmc-enable-remote', target: 'lpar6' } as const;
  await bench.lab.node('lpar6').setScenario('clients-disabled');
  const { id: request } = await bench.desk.submit(wish, '/rmc-fix lpar6 rmc-enable-remote', origin);
  await proposeFix(request, bench.tools, never);
  const id = `c-${request}`;
  await bench.desk.decide(id, 'approve', as('UALICE'));
  await bench.desk.decide(id, 'approve', as('UBOB'));
  const deadline = Date.now() + 60_000;
  while ((await bench.shared.changes.get(id))?.state !== 'verified') {
    await applyFix(id, bench.tools, never);
    if (Date.now() > deadline) throw new Error(JSON.stringify(await bench.shared.changes.get(id)));
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await expire(bench.tools);

  const trail = (await bench.shared.audit.history(id, 100)).reverse();
  const told = (code: string): AuditRecord | undefined => trail.find((record) => record.code === code);
  const { digest, plan } = (await bench.shared.changes.get(id)) ?? {};
  const about = { target: 'lpar6', fix: 'rmc-enable-remote', digest };
  expect(told('change.proposed')).toMatchObject({ actor: 'UALICE', detail: { ...about, risk: 'low' } });
  expect(told('request.refused')).toMatchObject({
    actor: 'UALICE',
    detail: { action: 'approve', rule: 'requester-is-not-approver' },
  });
  expect(told('change.decided')).toMatchObject({ actor: 'UBOB', detail: { ...about, decision: 'approve' } });
  const login = {
    login: plan === undefined ? '' : bench.settings.inventory.nodes.get('lpar6')?.endpoint.user,
  };
  const identity = expect.stringMatching(/^ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}$/) as string;
  expect(told('change.started')).toMatchObject({
    actor: 'worker',
    detail: { ...about, requester: 'UALICE', approvers: 'UBOB', ...login, identity },
  });
  const step = plan?.steps[0]?.id;
  expect(told('step.intended')).toMatchObject({
    detail: { ...about, step, node: 'lpar6', ...login, identity },
  });
  expect(told('step.ended')).toMatchObject({
    detail: { ...about, step, outcome: 'exited', exitCode: 0, node: 'lpar6', ...login, identity },
  });
  expect(told('change.ended')).toMatchObject({ detail: { ...about, move: 'succeed' } });
  for (const record of trail) {
    expect(record.policy).toBe(policyVersion(bench.settings.policy));
    expect(record.writer).toMatch(/^cli\/.+\/[0-9a-f]{6}$/);
    // Fingerprints are told, never where the keys lie.
    expect(JSON.stringify(record)).not.toContain(bench.folder);
  }

  // The clock has put a checkpoint under it, and all of it verifies.
  const kept = createTrail(bench.shared.redis, keyPrefix);
  const last = await kept.lastCheckpoint();
  expect(last).not.toBeNull();
  const check = new TrailCheck({ keys: [], checkpoints: last === null ? [] : [last] });
  for (const line of await kept.lines(0, 1_000)) check.take(line);
  expect(check.end().found).toEqual([]);
  // By the name of the node as well.
  expect((await bench.shared.audit.history('lpar6', 100)).length).toBeGreaterThanOrEqual(trail.length - 1);
}, 90_000);
