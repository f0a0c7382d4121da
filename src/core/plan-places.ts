/** On which nodes a plan runs. Pure: the engine, the clock and every view read the same out of it. */
import type { Plan, Step } from './plan.js';

/** Whether a plan is for a cluster, whose steps name their nodes. */
export function isForCluster(plan: Pick<Plan, 'target' | 'locks'>): boolean {
  return plan.locks.includes(`cluster:${plan.target}`);
}

/** Inventory name of the node that a step of ours runs on; the plan's target where the step names none. */
export function nodeOfStep(step: Step, plan: Pick<Plan, 'target'>): string {
  return ('node' in step ? step.node : undefined) ?? plan.target;
}

/** Every node that a plan or its undo reads or changes, each once and in the order in which they come up. */
export function nodesOfPlan(plan: Plan): readonly string[] {
  const undo = plan.rollback.kind === 'steps' ? plan.rollback.steps : [];
  const named = [
    ...plan.captures.map((capture) => capture.node),
    ...[...plan.steps, ...undo].map((step) => ('node' in step ? step.node : undefined)),
  ].flatMap((name) => name ?? []);
  return [...new Set(isForCluster(plan) ? named : [plan.target, ...named])];
}
