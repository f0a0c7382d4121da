import { currentStep, isNodeStep, isSuccess, openIntent, resultOf } from '../approval/journal.js';
import type { Change } from '../approval/states.js';
import { ConnectError } from '../core/errors.js';
import type { Capture, Step } from '../core/plan.js';
import { nodeOfStep } from '../core/plan-places.js';
import type { NodeTarget, Target } from '../core/target.js';
import { untraced } from '../core/tracing.js';
import { iso, unreachable, type Applied, type ApplyTools } from './applied.js';
import { lookByHand, runHmcStep } from './hmc-step.js';
import { lookAtNodeStep, runNodeStep } from './node-step.js';
import type { Look } from './run-directory.js';
import { runPersonStep, runWaitStep } from './waiting-step.js';

/**
 * Goes on with a change's plan from where its journal stands: captures first, then each step that has no result yet.
 * It may be called any number of times, by any worker: what was begun is followed, and never begun again.
 */
export async function applySteps(start: Change, tools: ApplyTools): Promise<Applied> {
  const captured = await captureAll(start, tools);
  if ('kind' in captured) return captured;
  let change = captured.change;
  for (const step of change.plan.steps) {
    if (resultOf(change, step.id) === undefined) {
      const run = await traced(change, step, tools);
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
  tools: Pick<ApplyTools, 'ssh' | 'nonce' | 'node'>,
): Promise<{ step: Step; look: Look | null; byHand: string | null } | null> {
  const step = currentStep(change);
  if (step === undefined) return null;
  if (step.kind === 'hmc') return { step, look: null, byHand: lookByHand(step) };
  if (!isNodeStep(step)) return { step, look: null, byHand: null };
  return { step, look: await lookAtNodeStep(change, step, tools), byHand: null };
}

/** One span for each time that somebody carries the step on: what takes long is followed by several jobs. */
function traced(change: Change, step: Step, tools: ApplyTools): Promise<Applied> {
  const attributes = {
    'aixops.change': change.id,
    'aixops.step': step.id,
    'aixops.step.kind': step.kind,
    'aixops.step.effect': 'effect' in step ? step.effect : null,
    'aixops.target': isNodeStep(step) ? nodeOfStep(step, change.plan) : step.kind === 'hmc' ? step.hmc : null,
  };
  const { tracing = untraced } = tools;
  return tracing.span('change step', { attributes }, async (span) => {
    const run = await runStep(change, step, tools);
    const outcome = run.kind === 'finished' ? resultOf(run.change, step.id)?.outcome : undefined;
    span.set({
      'aixops.outcome': outcome?.kind ?? run.kind,
      'aixops.exit_code': outcome?.kind === 'exited' ? outcome.exitCode : null,
    });
    return run;
  });
}

async function runStep(change: Change, step: Step, tools: ApplyTools): Promise<Applied> {
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
      return runNodeStep(change, step, tools);
  }
}

async function captureAll(change: Change, tools: ApplyTools): Promise<{ change: Change } | Applied> {
  const missing = change.plan.captures.filter(
    (c) => !change.journal.some((e) => e.kind === 'capture' && e.id === c.id),
  );
  if (missing.length === 0) return { change };
  let current = change;
  try {
    for (const { target, captures } of byPlace(change, missing, tools)) {
      const saved = await captureFrom(current, target, captures, tools);
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

/** Captures by where they are read: each node with what it is asked itself, and then what its HMC is asked; null for none. */
function byPlace(
  { plan }: Change,
  captures: readonly Capture[],
  tools: ApplyTools,
): readonly { readonly target: Target | null; readonly captures: readonly Capture[] }[] {
  const names = [...new Set(captures.map((capture) => capture.node ?? plan.target))];
  const on = (node: NodeTarget, side: 'node' | 'hmc') =>
    captures.filter((one) => (one.node ?? plan.target) === node.name && one.command.side === side);
  return names
    .map((name) => tools.node(name))
    .flatMap((node) => [
      { target: node, captures: on(node, 'node') },
      // Null where no HMC of ours manages the node.
      { target: node.system?.hmc ?? null, captures: on(node, 'hmc') },
    ]);
}

function lostCapture(change: Change, capture: Capture, where: string): Applied {
  const note = `The connection to ${where} dropped while saving "${capture.title}". No step has run; trying again.`;
  return { kind: 'later', change, note, afterMs: 3_000 };
}
