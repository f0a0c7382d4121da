import type { Rollout } from '../src/approval/rollout-states.js';
import { iso } from './ending.js';
import { lookAtRollout } from './lease.js';
import { showRollout } from './show-rollout.js';
import type { Tools } from './tools.js';

/** So late may a delayed job be before the clock takes its roll-out up. */
const graceMs = 10_000;

/** The clock: closes roll-outs that nobody answered, and takes up what a dead worker left. */
export async function wakeRollouts(tools: Tools): Promise<void> {
  const listed = new Set(await tools.rollouts.due(Number.MAX_SAFE_INTEGER));
  for (const rollout of await tools.rollouts.open()) {
    if (rollout.state !== 'proposed') {
      // Left between two writes by a process that died.
      if (!listed.has(rollout.id)) await lookAtRollout(rollout.id, 0, tools);
    } else if (tools.clock() > Date.parse(rollout.expiresAt)) await close(rollout, tools);
  }
  for (const id of await tools.rollouts.due(tools.clock() - graceMs)) await lookAtRollout(id, 0, tools);
}

async function close(rollout: Rollout, tools: Tools): Promise<void> {
  const note = 'Nobody decided in time. Nothing was run.';
  const detail = { move: 'expire', note };
  await tools.audit.append({ code: 'rollout.ended', actor: 'worker', object: rollout.id, detail });
  const by = { user: 'worker', at: iso(tools) };
  const moved = await tools.rollouts.move(rollout.id, 'expire', by, () => ({ note }));
  if (moved.kind !== 'moved') return;
  await showRollout(moved.rollout, tools);
  await tools.rollouts.setDue(rollout.id, null);
}
