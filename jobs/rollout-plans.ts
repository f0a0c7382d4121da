import { canonicalJson, digestOf } from '../src/core/canonical.js';
import { errorInfo } from '../src/core/errors.js';
import { isForCluster } from '../src/core/plan-places.js';
import type { Plan, Proposal } from '../src/core/plan.js';
import { awaitedPerson } from '../src/approval/journal.js';
import type { LeftOut } from '../src/approval/rollout-states.js';
import { apartOf } from '../src/approval/rollout-waves.js';
import type { Change } from '../src/approval/states.js';
import { collect } from '../src/run/collect.js';
import type { AnyFix, Asked, Fix } from '../src/runbooks/definition.js';
import { isVios, notInRollout } from '../src/runbooks/rolled-out.js';
import { failedLately, makeProposal, mostFailures } from './propose-fix.js';
import type { Tools } from './tools.js';

/** A target's plan, and what keeps it out of a wave with another one. */
export interface Planned {
  readonly target: string;
  readonly plan: Plan;
  readonly digest: string;
  readonly apart: readonly string[];
}

/** What a fix proposes for each of many targets: plans, and those without one. Both in the order of the targets. */
export interface PlannedAll {
  readonly planned: readonly Planned[];
  readonly leftOut: readonly LeftOut[];
}

interface Proposed {
  readonly target: string;
  readonly proposal: Proposal;
  readonly isVios: boolean;
}

/** Clusters are read node by node already: so many at once are enough. */
const clustersAtOnce = 3;

/** Reads every target once and makes its plan. A target that cannot be read is left out and said; it ends nothing. */
export async function planAll(
  fix: AnyFix,
  names: readonly string[],
  asked: Asked,
  reading: { readonly tools: Tools; readonly signal: AbortSignal; readonly onDone: () => Promise<void> },
): Promise<PlannedAll> {
  const { tools } = reading;
  const proposals =
    fix.kind === 'cluster-fix'
      ? await forClusters(fix.id, names, asked, reading)
      : await forNodes(fix, names, asked, reading);
  const [recent, open] = await Promise.all([tools.changes.recent(200), tools.changes.open()]);
  const planned: Planned[] = [];
  const leftOut: LeftOut[] = [];
  for (const one of proposals) {
    const why =
      leftOutOf(one) ?? heldBack(one, { recent, open, nowMs: tools.clock() }) ?? covered(one, planned);
    if (why !== null) leftOut.push(why);
    else if (one.proposal.kind === 'plan') planned.push(plannedOf(one, one.proposal.plan, tools));
  }
  return { planned, leftOut };
}

function plannedOf({ target, isVios: vios }: Proposed, plan: Plan, { inventory }: Tools): Planned {
  const node = isForCluster(plan) ? null : (inventory.nodes.get(target) ?? null);
  return { target, plan, digest: digestOf(plan), apart: apartOf(plan.locks, node, vios) };
}

async function forNodes(
  fix: Fix,
  names: readonly string[],
  asked: Asked,
  { tools, signal, onDone }: Parameters<typeof planAll>[3],
): Promise<readonly Proposed[]> {
  const nodes = names.flatMap((name) => tools.inventory.nodes.get(name) ?? []);
  const options = { nodesAtOnce: tools.nodesAtOnce, signal, onTarget: onDone };
  const all = await collect(fix, nodes, tools, options);
  return all.map((collected) => ({
    target: collected.target.name,
    proposal: tried(collected.target.name, () => fix.plan(collected, asked), tools),
    isVios: isVios(collected),
  }));
}

async function forClusters(
  id: string,
  names: readonly string[],
  asked: Asked,
  { tools, signal, onDone }: Parameters<typeof planAll>[3],
): Promise<readonly Proposed[]> {
  const found = new Map<string, Proposed>();
  const waiting = [...names];
  const reader = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      signal.throwIfAborted();
      const cluster = tools.inventory.clusters.get(name);
      if (cluster === undefined) continue;
      let proposal: Proposal;
      try {
        proposal = await makeProposal(id, { kind: 'cluster', name, cluster }, asked, tools, signal);
      } catch (error) {
        signal.throwIfAborted();
        proposal = unplanned(name, error, tools);
      }
      found.set(name, { target: name, proposal, isVios: false });
      await onDone();
    }
  };
  await Promise.all(Array.from({ length: clustersAtOnce }, reader));
  return names.flatMap((name) => found.get(name) ?? []);
}

function tried(target: string, plan: () => Proposal, tools: Tools): Proposal {
  try {
    return plan();
  } catch (error) {
    return unplanned(target, error, tools);
  }
}

/** One target of which no sense could be made does not keep the others from their plans. */
function unplanned(target: string, error: unknown, tools: Tools): Proposal {
  tools.log.warn({ err: error, target }, 'a target of a roll-out could not be planned');
  return { kind: 'refused', gate: 'fact.unreadable', reason: errorInfo(error).message, source: 'aixops' };
}

/** Gates that refuse because nothing could be read say nothing of the target. */
const unreadGate = /^(?:node\..*|fact\.unreadable|C1)$/;

function leftOutOf({ target, proposal }: Proposed): LeftOut | null {
  if (proposal.kind === 'nothing-to-do') return { target, why: 'nothing-to-do', reason: proposal.reason };
  if (proposal.kind === 'plan') {
    const reason = notInRollout(proposal.plan);
    return reason === null ? null : { target, why: 'refused', reason };
  }
  const why = unreadGate.test(proposal.gate) ? 'not-read' : 'refused';
  return { target, why, reason: `${proposal.reason} (gate ${proposal.gate})` };
}

/** What stands against it on this target, whatever its facts say: fixes that failed, or a change that only a person can end. */
function heldBack(
  { target, proposal }: Proposed,
  { recent, open, nowMs }: { recent: readonly Change[]; open: readonly Change[]; nowMs: number },
): LeftOut | null {
  const failed = failedLately(target, recent, nowMs);
  if (failed.length >= mostFailures) {
    const which = failed.map((change) => `${change.plan.fix} (${change.id})`).join(' and ');
    return { target, why: 'refused', reason: `${which} failed on it within a day: it is one for a person.` };
  }
  const locks = proposal.kind === 'plan' ? proposal.plan.locks : [];
  const stuck = open.find(
    (change) =>
      (change.state === 'unknown' || awaitedPerson(change) !== undefined) &&
      change.plan.locks.some((key) => locks.includes(key)),
  );
  if (stuck === undefined) return null;
  const what = stuck.state === 'unknown' ? 'has an unknown outcome' : 'waits for a person';
  const reason = `Change ${stuck.id} (${stuck.plan.fix} on ${stuck.plan.target}) ${what} and keeps it locked.`;
  return { target, why: 'refused', reason };
}

/** The HMC does for a managed system what one of its LPARs asks for: the same command again would find nothing to do. */
function covered({ target, proposal }: Proposed, planned: readonly Planned[]): LeftOut | null {
  if (proposal.kind !== 'plan' || !proposal.plan.steps.every((step) => step.kind === 'hmc')) return null;
  const steps = canonicalJson(proposal.plan.steps);
  const other = planned.find(({ plan }) => canonicalJson(plan.steps) === steps);
  if (other === undefined) return null;
  const reason = `The plan for ${other.target} runs the very same on the HMC. Look at ${target} afterwards.`;
  return { target, why: 'covered', reason };
}
