import { currentStep, isNodeStep, isSuccess, openIntent, resultOf } from '../approval/journal.js';
import type { Change } from '../approval/states.js';
import { ConnectError } from '../core/errors.js';
import type { Capture, Step } from '../core/plan.js';
import type { HmcTarget, NodeTarget, Target } from '../core/target.js';
import { iso, unreachable, type Applied, type ApplyTools } from './applied.js';
import { lookByHand, runHmcStep } from './hmc-step.js';
import { lookAtNodeStep, runNodeStep } from './node-step.js';
import type { Look } from './run-directory.js';
import { runPersonStep, runWaitStep } from './waiting-step.js';

/**
 * Goes on with a change's plan from where its journal stands: captures first, then each step that has no result yet.
 * It may be called any number of times, by any worker: what was begun is followed, and never begun again.
 */
export async function applySteps(start: Change, node: NodeTarget, tools: ApplyTools): Promise<Applied> {
  const captured = await captureAll(start, node, tools);
  if ('kind' in captured) return captured;
  let change = captured.change;
  for (const step of change.plan.steps) {
    if (resultOf(change, step.id) === undefined) {
      const run = await runStep(change, step, node, tools);
      if (run.kind !== 'finished') return run;
      change = run.change;
    }
    // What follows a failed step was planned for a node on which it had succeeded.
    if (!isSuccess(resultOf(change, step.id)?.outcome))
      return { kind: 'finished', change, failedStep: step.id };
  }
  return { kind: 'finished', change, failedStep: null };
}

/**
 * Looks at the step whose outcome is not known; read-only. `look` is null where the answer did not arrive whole; for a
 * step on an HMC there is nothing to look at, and `byHand` says what a person does.
 */
export async function lookAtUnknown(
  change: Change,
  node: NodeTarget,
  tools: Pick<ApplyTools, 'ssh' | 'nonce'>,
): Promise<{ step: Step; look: Look | null; byHand: string | null } | null> {
  const step = currentStep(change);
  if (step === undefined) return null;
  if (step.kind === 'hmc') return { step, look: null, byHand: lookByHand(step) };
  if (!isNodeStep(step)) return { step, look: null, byHand: null };
  return { step, look: await lookAtNodeStep(change, step, node, tools), byHand: null };
}

async function runStep(change: Change, step: Step, node: NodeTarget, tools: ApplyTools): Promise<Applied> {
  if (openIntent(change, step.id) === undefined) {
    if (tools.mustStop()) return { kind: 'later', change, note: 'Handed to another worker.', afterMs: 0 };
    const shut = (step.gates ?? []).length === 0 ? null : await tools.gates(step.gates ?? []);
    if (shut !== null) {
      const note = `${shut.reason} (gate ${shut.gate}; ${shut.source}) Nothing of "${step.title}" was run.`;
      return { kind: 'not-started', change, note };
    }
  }
  switch (step.kind) {
    case 'hmc':
      return runHmcStep(change, step, tools);
    case 'person':
      return runPersonStep(change, step, tools);
    case 'wait':
      return runWaitStep(change, step, tools);
    default:
      return runNodeStep(change, step, node, tools);
  }
}

async function captureAll(
  change: Change,
  node: NodeTarget,
  tools: ApplyTools,
): Promise<{ change: Change } | Applied> {
  const missing = change.plan.captures.filter(
    (c) => !change.journal.some((e) => e.kind === 'capture' && e.id === c.id),
  );
  if (missing.length === 0) return { change };
  let current = change;
  try {
    for (const side of ['node', 'hmc'] as const) {
      const asked = missing.filter((capture) => capture.command.side === side);
      const saved = await captureFrom(current, side === 'node' ? node : hmcOf(node), asked, tools);
      if ('kind' in saved) return saved;
      current = saved.change;
    }
    return { change: current };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return unreachable(current, error, false, tools);
  }
}

async function captureFrom(
  change: Change,
  target: Target | null,
  captures: readonly Capture[],
  tools: ApplyTools,
): Promise<{ change: Change } | Applied> {
  if (captures.length === 0) return { change };
  if (target === null) {
    const note = `No HMC of ours sees ${change.plan.target}, so what it says cannot be saved first. No step has run.`;
    return { kind: 'not-started', change, note };
  }
  const outcomes = await tools.ssh.read(
    target,
    captures.map((capture) => capture.command),
  );
  let current = change;
  for (const [index, capture] of captures.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome.ended === 'lost') return lostCapture(current, capture, target.name);
    const output = [outcome.stdout, outcome.stderr].filter((text) => text !== '').join('\n');
    const { exitCode } = outcome;
    current = await tools.journal({ kind: 'capture', id: capture.id, at: iso(tools), output, exitCode });
  }
  return { change: current };
}

/** The HMC that manages the node; null where none of ours does. */
function hmcOf(node: NodeTarget): HmcTarget | null {
  return node.system?.hmc ?? null;
}

function lostCapture(change: Change, capture: Capture, where: string): Applied {
  const note = `The connection to ${where} dropped while saving "${capture.title}". No step has run; trying again.`;
  return { kind: 'later', change, note, afterMs: 3_000 };
}
