/** How a lock is taken away from a change by force: where that change has ended or nobody knows how it did. */
import { showChange } from '../../jobs/show.js';
import type { HeldLock, Locks } from '../approval/locks.js';
import { can, endStates, type Change } from '../approval/states.js';
import type { ChangeStore } from '../approval/store.js';
import type { Audit } from '../audit/audit.js';
import { didYouMean } from '../core/did-you-mean.js';
import { redact } from '../core/redact.js';
import type { Asker } from '../core/request.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Outbox } from '../outbox/outbox.js';
import type { ActionObject } from '../policy/authorise.js';
import { targetFacts } from '../policy/target-facts.js';
import type { Answered } from '../slack/tools.js';
import { aboutOf } from './asking.js';
import { refused } from './decisions.js';
import type { MayI } from './permission.js';

export interface ReleaseTools {
  readonly mayI: MayI;
  readonly inventory: Inventory;
  readonly locks: Locks;
  readonly changes: ChangeStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly approversHint: string;
}

export interface Release {
  /** As typed: a key such as `node:lpar1`, or a name that only one lock has. */
  readonly lock: string;
  readonly reason: string;
  readonly who: Asker;
}

/** Authorises, writes the reason to the audit trail, and takes the lock away if its change is still as it was read. */
export async function releaseByForce({ lock, reason, who }: Release, tools: ReleaseTools): Promise<Answered> {
  const held = await tools.locks.held([lock]);
  const found = findLock(lock, held);
  const change = found === null ? null : await tools.changes.get(found.holder);
  // Whoever may not release locks is not told which there are.
  const may = await tools.mayI(who, 'close', `lock ${lock}`, aboutLock(lock, change, tools.inventory));
  if (!may.allowed) return refused(`${may.sentence} No lock was released.`);
  if (found === null) return refused(unknownLock(lock, held));
  if (change !== null && !isReleasable(change)) return refused(inUse(found, change));
  const why = redact(reason.trim()).slice(0, 500);
  const detail = { lock: found.key, holder: found.holder, state: change?.state ?? 'not known', reason: why };
  await tools.audit.append({ code: 'lock.released', actor: who.user, object: found.holder, detail });
  if (!(await tools.locks.force(found, change?.version ?? null)))
    return refused(`Change ${found.holder} moved at this moment. No lock was released; look at it again.`);
  if (change?.state === 'unknown') await noteOn(change, found.key, why, tools);
  return {
    kind: 'done',
    sentence: `Lock ${found.key} of change ${found.holder} is released. Nothing was run; other changes of it may start now.`,
  };
}

/** Its worker is gone for good, or nobody knows whether anything of it still runs and a person has looked. */
function isReleasable({ state }: Change): boolean {
  return endStates.includes(state) || can.close(state);
}

function inUse({ key, holder }: HeldLock, { state, plan }: Change): string {
  const end =
    state === 'waiting' ? 'Cancel it on its card' : 'Wait for its end, which its card and /changes show';
  return `Change ${holder} (${plan.title}) is ${state} and needs ${key}. No lock was released. ${end}.`;
}

function findLock(word: string, held: readonly HeldLock[]): HeldLock | null {
  const same = held.filter(({ key }) => key.toLowerCase() === word.toLowerCase());
  const named = held.filter(({ key }) => key.replace(/^[a-z]+:/, '').toLowerCase() === word.toLowerCase());
  const [only = null, ...others] = same.length > 0 ? same : named;
  return others.length === 0 ? only : null;
}

function unknownLock(word: string, held: readonly HeldLock[]): string {
  const keys = held.map(({ key }) => key);
  const near = didYouMean(word, keys) ?? keys.find((key) => key.endsWith(`:${word}`)) ?? null;
  const meant = near === null ? '/changes locks lists those that are held.' : `Did you mean ${near}?`;
  return `Nobody holds a lock "${word}". ${meant} Nothing was released.`;
}

function aboutLock(lock: string, change: Change | null, inventory: Inventory): ActionObject {
  if (change === null) return { targets: targetFacts(inventory, [lock.replace(/^node:/, '')]) };
  return aboutOf(change, inventory);
}

/** The card said that the lock stays held. */
async function noteOn(change: Change, key: string, why: string, tools: ReleaseTools): Promise<void> {
  const note = `${change.note} Lock ${key} was released by force: ${why}`.trim();
  const after = await tools.changes.update(change.id, (now) => (now.state === 'unknown' ? { note } : {}));
  await showChange(after, tools);
}
