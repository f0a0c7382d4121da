/** How a person closes a change whose outcome nobody could read: by what was seen on the node, never by a guess of ours. */
import { showChange } from '../../jobs/show.js';
import { currentStep, isNodeStep } from '../approval/journal.js';
import { can, type Change } from '../approval/states.js';
import { redact } from '../core/redact.js';
import { alreadyDecided, refused, startChange, unknownChange } from './decisions.js';
import type { Answered, DecisionTools } from './decisions.js';
import type { Inventory } from '../inventory/inventory.js';
import { runDirectory } from '../run/run-directory.js';
import type { Closing } from '../slack/tools.js';

/** Fewer characters say nothing to who reads the card later. */
export const leastSeen = 10;
const mostSeen = 1_000;

/** Why a change cannot be closed by hand now, in words; null where it can. */
export function notUnknown(change: Change): string | null {
  return can.close(change.state) ? null : alreadyDecided(change, 'close');
}

/** What stands in the form; closing changes nothing on the node, so all of it is about looking there first. */
export function closingOf(change: Change, inventory: Pick<Inventory, 'nodes'>): Closing {
  const { plan } = change;
  const step = currentStep(change);
  const become = inventory.nodes.get(plan.target)?.endpoint.become ?? null;
  const isOnNode = step !== undefined && isNodeStep(step);
  return {
    kind: 'ask',
    title: plan.title,
    where: step?.kind === 'hmc' ? step.hmc : plan.target,
    step: step?.title ?? 'its last step',
    locks: plan.locks,
    directory: isOnNode ? runDirectory({ changeId: change.id, stepId: step.id, become }) : null,
    leastCharacters: leastSeen,
  };
}

/**
 * Ends an unknown change as not verified, with what a person saw. Nothing runs; a worker releases the locks and puts the
 * rest in order, and the run directory stays for as long as that of any ended change.
 */
export async function closeByHand(
  change: Change,
  user: string,
  seen: string,
  tools: DecisionTools,
): Promise<Answered> {
  const by = { user, at: new Date(tools.clock()).toISOString(), note: seen };
  const moved = await tools.changes.move(change.id, 'close', by, () => ({ note: seen, error: null }));
  if (moved.kind === 'missing') return refused(unknownChange);
  if (moved.kind === 'not-allowed') return refused(alreadyDecided(moved.change, 'close'));
  await showChange(moved.change, tools);
  await startChange(change.id, tools);
  const { target, locks } = change.plan;
  const released = locks.length === 0 ? '' : ` Its locks are released: ${locks.join(', ')}.`;
  return { kind: 'done', sentence: `Closed by hand. Nothing was run on ${target}.${released}` };
}

/** What a person wrote, as it is kept: secrets of known shapes taken out. Null where it is too short to say anything. */
export function wordsSeen(text: string): string | null {
  const words = redact(text.trim()).slice(0, mostSeen);
  return words.length < leastSeen ? null : words;
}
