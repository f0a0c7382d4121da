import { applyFix } from '../../jobs/apply-fix.js';
import { carryRollout } from '../../jobs/carry-rollout.js';
import { proposeRollout } from '../../jobs/propose-rollout.js';
import type { Tools } from '../../jobs/tools.js';
import { membersOf, rolloutEnds, type Rollout } from '../../src/approval/rollout-states.js';
import type { Change } from '../../src/approval/states.js';
import type { Request, Wish } from '../../src/core/request.js';
import { RolloutDesk, type RolloutDeskTools } from '../../src/desk/rollout.js';
import { alice, never } from './carry-on.js';
import { deskTools, type Workbench } from './workbench.js';

/** What the desk of a workbench's roll-outs is handed. */
export function rolloutTools({ shared, desk, settings }: Workbench): RolloutDeskTools {
  return { ...deskTools(settings, shared), ...shared, desk };
}

/** The desk of a workbench's roll-outs. */
export function rolloutDesk(bench: Workbench): RolloutDesk {
  return new RolloutDesk(rolloutTools(bench));
}

/** Asks for a roll-out as Alice does and makes its plans; null where none came of it. */
export async function proposedRollout(
  bench: Workbench,
  fix: string,
  targets: readonly string[],
): Promise<{ readonly rollout: Rollout | null; readonly request: Request | null }> {
  const wish: Wish = { job: 'propose-rollout', fix, targets };
  const { id } = await bench.desk.submit(wish, `/rmc-fix ${targets.join(' ')} ${fix}`, alice);
  await proposeRollout(id, bench.tools, never);
  return {
    rollout: await bench.shared.rollouts.get(`o-${id}`),
    request: await bench.shared.requests.get(id),
  };
}

/** The roll-out as it is kept now. */
export async function kept(bench: Workbench, id: string): Promise<Rollout> {
  const rollout = await bench.shared.rollouts.get(id);
  if (rollout === null) throw new Error(`roll-out ${id} is gone`);
  return rollout;
}

/** The changes that were made of it, in order. */
export async function childrenOf(bench: Workbench, rollout: Rollout): Promise<readonly Change[]> {
  const all = await Promise.all(membersOf(rollout).map(({ change }) => bench.shared.changes.get(change)));
  return all.filter((change) => change !== null);
}

/** Does what the queue would, one round after the other, until it ended or `until` says that it is far enough. */
export async function carryAll(
  bench: Workbench,
  id: string,
  tools: Tools = bench.tools,
  until: (rollout: Rollout) => boolean | Promise<boolean> = () => false,
): Promise<Rollout> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    await carryRollout(id, tools, never);
    const rollout = await kept(bench, id);
    if (rolloutEnds.includes(rollout.state) || (await until(rollout))) return rollout;
    if (Date.now() > deadline) throw new Error(`still ${rollout.state}: ${rollout.note}`);
    const open = (await childrenOf(bench, rollout)).filter(({ state }) =>
      ['approved', 'running', 'verifying', 'rejected'].includes(state),
    );
    await Promise.all(open.map((change) => applyFix(change.id, tools, never)));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
