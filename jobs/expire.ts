import type { Change } from '../src/approval/states.js';
import { nodesOfPlan } from '../src/core/plan-places.js';
import type { NodeTarget } from '../src/core/target.js';
import { removeScript } from '../src/run/run-directory.js';
import { movesByItself } from './apply-fix.js';
import { sendFor } from './deliver.js';
import { auditChange } from './ending.js';
import { showChange } from './show.js';
import { lookAgainLater } from './lease.js';
import { forChange } from './told.js';
import type { Tools } from './tools.js';

/** So late may a delayed job be before the clock takes its change up. */
const graceMs = 10_000;

/** The clock: closes what nobody answered, takes up what a dead worker left, tidies nodes, wakes the outbox, and looks after the audit trail. */
export async function expire(tools: Tools): Promise<void> {
  for (const change of await tools.changes.open()) {
    if (isOverdue(change, tools.clock()))
      await forChange(change, 'change expires', tools, () => close(change, tools));
    else if (movesByItself(change)) await ensureDue(change, tools);
  }
  for (const id of await tools.changes.due(tools.clock() - graceMs)) await lookAgainLater(id, 0, tools);
  await tidy(tools);
  await wakeOutbox(tools);
  await tools.tendAudit();
}

/** Between two channels that are woken, at most; all of them are before the clock comes again. */
const wakeStepMs = 30;
const wakeWithinMs = 8_000;

/** Has a look taken at each channel with something waiting; one after the other, for hundreds at once would keep a bot busy. */
async function wakeOutbox(tools: Tools): Promise<void> {
  const channels = await tools.outbox.waiting();
  const stepMs = Math.min(wakeStepMs, wakeWithinMs / Math.max(1, channels.length));
  for (const [n, channel] of channels.entries()) await sendFor(channel, tools, Math.floor(n * stepMs));
}

/** A node that cannot be tidied now is tried again after this. */
const tidyAgainMs = 3_600_000;

/** Removes the run directories of one change that ended long enough ago, on all its nodes; one at a time, the clock comes again soon. */
async function tidy(tools: Tools): Promise<void> {
  const [id] = await tools.changes.untidy(tools.clock() - tools.keepRunDirectoryMs);
  if (id === undefined) return;
  const change = await tools.changes.get(id);
  const nodes = change === null ? [] : nodesOfPlan(change.plan);
  const known = nodes.flatMap((name) => tools.inventory.nodes.get(name) ?? []);
  if (change === null || known.length === 0) return tools.changes.setUntidy(id, null);
  // Off the list for an hour first, so that a node that hangs does not hold up the clock at each tick.
  await tools.changes.setUntidy(id, tools.clock() - tools.keepRunDirectoryMs + tidyAgainMs);
  await forChange(change, 'run directories removed', tools, () => remove(change, known, tools));
}

async function remove(change: Change, nodes: readonly NodeTarget[], tools: Tools): Promise<void> {
  try {
    const removed = await Promise.all(nodes.map((node) => removeOn(node, change.id, tools)));
    if (removed.every((done) => done)) await tools.changes.setUntidy(change.id, null);
  } catch (error) {
    tools.log.warn({ err: error }, 'a run directory could not be removed yet');
  }
}

async function removeOn(node: NodeTarget, changeId: string, { ssh }: Tools): Promise<boolean> {
  const script = removeScript({ changeId, become: node.endpoint.become });
  const outcome = await ssh.script(node, script, 20_000);
  return outcome.ended === 'exited' && outcome.exitCode === 0;
}

function isOverdue(change: Change, nowMs: number): boolean {
  return change.state === 'proposed' && nowMs > Date.parse(change.expiresAt);
}

async function close(change: Change, tools: Tools): Promise<void> {
  const note = 'Nobody decided in time. Nothing was run.';
  await auditChange('change.ended', change, { move: 'expire' }, tools);
  const by = { user: 'worker', at: new Date(tools.clock()).toISOString(), note };
  const moved = await tools.changes.move(change.id, 'expire', by, () => ({ note }));
  if (moved.kind !== 'moved') return;
  await showChange(moved.change, tools);
  await tools.changes.setDue(change.id, null);
}

/** An approved or running change that is on no list was left between two writes by a process that died. */
async function ensureDue(change: Change, tools: Tools): Promise<void> {
  const due = await tools.changes.due(Number.MAX_SAFE_INTEGER);
  if (!due.includes(change.id)) await tools.changes.setDue(change.id, tools.clock());
}
