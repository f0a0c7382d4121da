import { can } from '../src/approval/states.js';
import { UsageError } from '../src/core/errors.js';
import type { Request } from '../src/core/request.js';
import { undoPlan } from '../src/approval/undo-plan.js';
import { isProposed, newChange, proposeChange } from './propose-fix.js';
import { showFailure, showRequest } from './show.js';
import type { Tools } from './tools.js';

/** Makes the plan that undoes a change, from what was captured, and asks for its approval like that of any change. */
export async function rollBack(requestId: string, tools: Tools, signal?: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request === null || request.phase === 'done' || request.wish.job !== 'roll-back') return;
  try {
    await propose(request, request.wish.change, tools);
  } catch (error) {
    await showFailure(request, error, tools, signal);
    throw error;
  }
}

async function propose(request: Request, changeId: string, tools: Tools): Promise<void> {
  if (await isProposed(request, tools)) return;
  const original = await tools.changes.get(changeId);
  if (original === null) throw new UsageError(`Change ${changeId} is not known any more.`);
  if (!can.rollBack(original.state))
    throw new UsageError(
      `Change ${changeId} is ${original.state}; only one that is ${can.rollBack.from.join(' or ')} can be undone.`,
    );
  const undo = undoPlan(original);
  if (undo.kind === 'none') {
    const conclusion = { kind: 'nothing-to-do', text: undo.reason } as const;
    await showRequest({ ...request, phase: 'done', total: 1, done: 1, conclusion }, tools);
    return;
  }
  const change = newChange(undo.plan, { request, rollbackOf: original.id }, tools);
  await proposeChange(change, tools);
  await tools.requests.put({ ...request, phase: 'done', total: 1, done: 1 });
}
