import type { Change } from '../src/approval/states.js';
import { isForCluster } from '../src/core/plan-places.js';
import type { Request } from '../src/core/request.js';
import type { Tools } from './tools.js';

/**
 * So long after a change of a cluster was verified it is looked at once more: what fails again only when something else
 * uses clcomd is not seen at once.
 */
const afterMs = 30 * 60_000;
/** A look that its worker cannot make within this time is not made any more. */
const withinMs = 4 * 3_600_000;

/**
 * Has a cluster whose change was verified diagnosed once more, half an hour later, with a card of its own. Called again
 * for the same change it does nothing more.
 */
export async function lookAfter(change: Change, tools: Tools): Promise<void> {
  if (change.state !== 'verified' || !isForCluster(change.plan)) return;
  const id = `after-${change.id}`;
  if ((await tools.requests.get(id)) !== null) return;
  const { fix, target } = change.plan;
  const now = tools.clock();
  const asked = `clcomd of ${target}, 30 minutes after ${fix} (${change.id})`;
  await tools.audit.append({
    code: 'request.accepted',
    actor: 'worker',
    object: id,
    detail: { asked, job: 'diagnose' },
  });
  const data = { v: 1, id, notAfter: now + afterMs + withinMs } as const;
  await tools.queue.add('read', 'diagnose', data, { delayMs: afterMs, jobId: id });
  // The request last: while it is missing, whoever tidies up after a killed worker comes here again.
  const { teamId, channel, requester: user, threadTs } = change;
  const request: Request = {
    id,
    asked,
    origin: { teamId, channel, user, threadTs },
    wish: { job: 'diagnose', diagnostic: 'clcomd', targets: [`cluster:${target}`] },
    askedAt: new Date(now).toISOString(),
    phase: 'queued',
    total: 1,
    done: 0,
    verdicts: [],
    offers: [],
    error: null,
  };
  await tools.requests.put(request);
}
