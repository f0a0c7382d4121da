/** What ids in hostile cases stand for: one thing of every kind and in every state. */
import type { Enrolment } from '../../src/approval/enrolment.js';
import type { ChangeState } from '../../src/approval/states.js';
import type { Shared } from '../../src/compose.js';
import type { Request } from '../../src/core/request.js';
import { certificatesOf } from '../../src/digest/marked.js';
import { exampleChange, examplePlan } from '../approval/example-change.js';
import { exampleRollout, planOn } from '../approval/example-rollout.js';
import { build, inDays, node, store, stored } from '../digest/examples.js';

const states: readonly ChangeState[] = [
  ...(['proposed', 'approved', 'running', 'waiting', 'verifying', 'verified', 'failed'] as const),
  ...(['unknown', 'rejected', 'expired', 'stale', 'rolling-back', 'rolled-back', 'rollback-failed'] as const),
];
const changes: readonly string[] = [...states.map((state) => `c-${state}`), 'c-old', 'c-dave'];

const { edition, memory } = build([
  node('lpar1', [store('/etc/a.pem', [stored({ until: inDays(3) })])], { cluster: null }),
]);
/** A line of the digest: its id is made of what it says. */
export const digestLine = certificatesOf(edition)[0]?.id ?? '';

const place = { channel: 'C0OPS', teamId: 'T0EXAMPLE', threadTs: null } as const;

/** A diagnosis of two LPARs that waits for a worker. */
export const underWay: Request = {
  id: 'q-1',
  asked: '/rmc-status lpar1 lpar2',
  origin: { ...place, user: 'UALICE' },
  wish: { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1', 'lpar2'] },
  askedAt: '2026-03-01T02:10:00.000Z',
  ...{ phase: 'queued', total: 2, done: 0, verdicts: [], offers: [], error: null },
};

/** Puts `c-<state>`, `c-old` (expired and not yet seen so), `c-dave`, `o-r1`, `offer1`, `q-1`, `e-1` and a digest into the store. */
export async function seed(shared: Shared): Promise<void> {
  const createdAt = new Date().toISOString();
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const past = new Date(Date.now() - 60_000).toISOString();
  const plan = { ...examplePlan, target: 'lpar1', locks: ['node:lpar1'] };
  const usual = { ...place, plan, createdAt, expiresAt };
  for (const state of states)
    await shared.changes.create(exampleChange({ ...usual, id: `c-${state}`, state }));
  await shared.changes.create(exampleChange({ ...usual, id: 'c-old', expiresAt: past }));
  await shared.changes.create(exampleChange({ ...usual, id: 'c-dave', requester: 'UDAVE' }));
  const plans = new Map(['a', 'b', 'c', 'd'].map((name) => [name, planOn(name)]));
  await shared.rollouts.create(exampleRollout({ createdAt, expiresAt, ...place }), plans);
  await shared.requests.putOffer({ id: 'offer1', fix: 'rmc-restart', target: 'lpar1', requestId: 'r1' });
  await shared.requests.put(underWay);
  await shared.digest.keepDaily(edition, memory);
  const enrolment: Enrolment = {
    ...{ id: 'e-1', version: 1, state: 'shown', kind: 'first', asked: '/enrol lpar1' },
    ...{ candidates: [], notes: [], remaining: 0, requester: 'UALICE', approvals: [], approvalsNeeded: 1 },
    ...{ createdAt, expiresAt, ...place, cardKey: 'k', ended: null },
  };
  await shared.hostKeys.create(enrolment);
}

/** All of that as it is now. */
export async function worldOf({
  changes: store,
  rollouts,
  calm,
  hostKeys,
  digest,
  requests,
}: Shared): Promise<string> {
  const parts = await Promise.all([
    Promise.all(changes.map((id) => store.get(id))),
    rollouts.get('o-r1'),
    calm.freeze(),
    hostKeys.get('e-1'),
    requests.get('q-1'),
    requests.stopOf('q-1'),
    digest.marks([digestLine]).then((marks) => [...marks]),
  ]);
  return JSON.stringify(parts);
}
