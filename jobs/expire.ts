import { awaitedPerson } from '../src/approval/journal.js';
import { can, type Change } from '../src/approval/states.js';
import { showChange } from './show.js';
import { lookAgainLater } from './lease.js';
import type { Tools } from './tools.js';

/** So late may a delayed job be before the clock takes its change up. */
const graceMs = 10_000;

/** The clock: closes what nobody answered, takes up what a dead worker left, and wakes the outbox. */
export async function expire(tools: Tools): Promise<void> {
  for (const change of await tools.changes.open()) {
    if (isOverdue(change, tools.clock())) await close(change, tools);
    else if (movesByItself(change)) await ensureDue(change, tools);
  }
  for (const id of await tools.changes.due(tools.clock() - graceMs)) await lookAgainLater(id, 0, tools);
  for (const channel of await tools.outbox.waiting())
    await tools.queue.add('outbox', 'deliver', { v: 1, id: channel, notAfter: tools.clock() + 60_000 });
}

/** What waits for a person waits as long as that takes; all else that is under way must be on the clock's list. */
function movesByItself(change: Change): boolean {
  if (change.state === 'waiting') return awaitedPerson(change) === undefined;
  return change.state === 'approved' || change.state === 'running' || change.state === 'verifying';
}

function isOverdue(change: Change, nowMs: number): boolean {
  return change.state === 'proposed' && nowMs > Date.parse(change.expiresAt);
}

async function close(change: Change, tools: Tools): Promise<void> {
  const note = 'Nobody decided in time. Nothing was run.';
  await tools.audit.append({
    code: 'change.ended',
    actor: 'worker',
    object: change.id,
    detail: { move: 'expire' },
  });
  const by = { user: 'worker', at: new Date(tools.clock()).toISOString(), note };
  const moved = await tools.changes.move(change.id, 'expire', by, () => ({ note }));
  if (moved.kind === 'moved' && can.expire.to === moved.change.state) await showChange(moved.change, tools);
}

/** An approved or running change that is on no list was left between two writes by a process that died. */
async function ensureDue(change: Change, tools: Tools): Promise<void> {
  const due = await tools.changes.due(Number.MAX_SAFE_INTEGER);
  if (!due.includes(change.id)) await tools.changes.setDue(change.id, tools.clock());
}
