import type { Change, JournalEntry, StepOutcome } from '../approval/states.js';
import { ConnectError } from '../core/errors.js';
import type { Capture, NodeStep, Step } from '../core/plan.js';
import type { NodeTarget } from '../core/target.js';
import type { Transport } from '../ssh/transport.js';
import {
  lookScript,
  readLook,
  runDirectory,
  startScript,
  type Look,
  type RunPlace,
} from './run-directory.js';

/** What running a plan needs. `journal` writes one entry and returns the change with it; it throws when that fails. */
export interface ApplyTools {
  readonly ssh: Transport;
  readonly journal: (entry: JournalEntry) => Promise<Change>;
  /** Written before an intent, so that the trail knows of it; throwing here stops the step. */
  readonly announce: (step: Step) => Promise<void>;
  readonly clock: () => number;
  readonly nonce: () => string;
  /** True when this worker may not go on: it was asked to stop, or its lease went to another. */
  readonly mustStop: () => boolean;
}

/**
 * How far the steps came. `later`: look again after a while, with words for the card. `unknown`: a step was started and
 * neither an outcome nor a living process was found. `not-started`: proven that a step could not begin.
 */
export type Applied =
  | { readonly kind: 'finished'; readonly change: Change; readonly failedStep: string | null }
  | { readonly kind: 'later'; readonly change: Change; readonly note: string; readonly afterMs: number }
  | { readonly kind: 'unknown'; readonly change: Change; readonly note: string }
  | { readonly kind: 'not-started'; readonly change: Change; readonly note: string };

const waitSeconds = 8;
const lookAgainMs = 3_000;
/** An intent this much older than its step's limit no longer starts a step: a person looks first. */
const staleIntentMs = 10 * 60_000;
/** So long is a node looked for that cannot be reached. */
const patienceMs = 30 * 60_000;

/**
 * Goes on with a change's plan from where its journal stands: captures first, then each step that has no result yet.
 * It may be called any number of times, by any worker: a step is started by whoever makes its run directory.
 */
export async function applySteps(start: Change, node: NodeTarget, tools: ApplyTools): Promise<Applied> {
  const captured = await captureAll(start, node, tools);
  if ('kind' in captured) return captured;
  let change = captured.change;
  for (const step of change.plan.steps) {
    const done = resultOf(change, step.id);
    if (done === null) {
      const run = await runStep(change, step, node, tools);
      if (run.kind !== 'finished') return run;
      change = run.change;
    }
    const outcome = resultOf(change, step.id);
    // What follows a failed step was planned for a node on which it had succeeded.
    if (outcome?.kind === 'exited' && outcome.exitCode !== 0)
      return { kind: 'finished', change, failedStep: step.id };
  }
  return { kind: 'finished', change, failedStep: null };
}

/** Looks at the run directory of the step whose outcome is not known; read-only. */
export async function lookAtUnknown(
  change: Change,
  node: NodeTarget,
  tools: Pick<ApplyTools, 'ssh' | 'nonce'>,
): Promise<{ step: Step; look: Look | null } | null> {
  const step = change.plan.steps.find((s) => resultOf(change, s.id) === null);
  if (step === undefined) return null;
  const nonce = tools.nonce();
  const outcome = await tools.ssh.script(node, lookScript(placeOf(change, step, node), nonce, 2), 30_000);
  return { step, look: readLook(outcome.stdout, nonce) };
}

function resultOf(change: Change, step: string): StepOutcome | null {
  const entry = change.journal.find((e) => e.kind === 'result' && e.step === step);
  return entry?.kind === 'result' ? entry.outcome : null;
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
  try {
    const outcomes = await tools.ssh.read(
      node,
      missing.map((capture) => capture.command),
    );
    let current = change;
    for (const [index, capture] of missing.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || outcome.ended === 'lost') return lostCapture(current, capture, node);
      const output = [outcome.stdout, outcome.stderr].filter((text) => text !== '').join('\n');
      const entry = {
        kind: 'capture',
        id: capture.id,
        at: iso(tools),
        output,
        exitCode: outcome.exitCode,
      } as const;
      current = await tools.journal(entry);
    }
    return { change: current };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return unreachable(change, node, error, tools);
  }
}

function lostCapture(change: Change, capture: Capture, node: NodeTarget): Applied {
  const note = `The connection to ${node.name} dropped while saving "${capture.title}". No step has run; trying again.`;
  return { kind: 'later', change, note, afterMs: lookAgainMs };
}

async function runStep(change: Change, step: Step, node: NodeTarget, tools: ApplyTools): Promise<Applied> {
  if (step.kind !== undefined && step.kind !== 'node')
    return { kind: 'not-started', change, note: `"${step.title}" is no step that a node runs.` };
  let current = change;
  const intent = change.journal.find((e) => e.kind === 'intent' && e.step === step.id);
  if (intent === undefined) {
    if (tools.mustStop()) return { kind: 'later', change, note: 'Handed to another worker.', afterMs: 0 };
    await tools.announce(step);
    current = await tools.journal({ kind: 'intent', step: step.id, at: iso(tools) });
  }
  const since = intent === undefined ? tools.clock() : Date.parse(intent.at);
  const mayStart = tools.clock() - since < step.timeoutMs + staleIntentMs;
  for (let looks = 0; looks < 8; looks += 1) {
    const seen = await lookOnce(current, step, node, tools, mayStart);
    if ('change' in seen) return seen;
    const decided = await decide(current, step, node, seen.look, tools);
    if (decided !== null) return decided;
    if (tools.mustStop()) break;
  }
  return {
    kind: 'later',
    change: current,
    note: `"${step.title}" is still running on ${node.name}.`,
    afterMs: lookAgainMs,
  };
}

/** One round trip: claims and starts the step where it is not claimed yet, and brings back how it stands. */
async function lookOnce(
  change: Change,
  step: NodeStep,
  node: NodeTarget,
  tools: ApplyTools,
  mayStart: boolean,
): Promise<Applied | { look: Look | null }> {
  const nonce = tools.nonce();
  const place = placeOf(change, step, node);
  const script = mayStart
    ? startScript(place, step, nonce, waitSeconds)
    : lookScript(place, nonce, waitSeconds);
  try {
    const outcome = await tools.ssh.script(node, script, (waitSeconds + 20) * 1000);
    return { look: readLook(outcome.stdout, nonce) };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return unreachable(change, node, error, tools);
  }
}

/** What one look means; null to look once more at once. */
async function decide(
  change: Change,
  step: Step,
  node: NodeTarget,
  look: Look | null,
  tools: ApplyTools,
): Promise<Applied | null> {
  const where = `${node.name}:${runDirectory(placeOf(change, step, node))}`;
  if (look === null) {
    const note = `The connection to ${node.name} dropped while "${step.title}" may be running. Looking again.`;
    return { kind: 'later', change, note, afterMs: lookAgainMs };
  }
  switch (look.kind) {
    case 'running':
      return null;
    case 'not-created':
      return { kind: 'not-started', change, note: `${node.name} ${look.reason}. The step did not run.` };
    case 'finished': {
      const { exitCode, stdout, stderr } = look;
      const outcome: StepOutcome = { kind: 'exited', exitCode, stdout, stderr };
      const after = await tools.journal({ kind: 'result', step: step.id, at: iso(tools), outcome });
      return { kind: 'finished', change: after, failedStep: null };
    }
    case 'gone':
      return {
        kind: 'unknown',
        change,
        note: `"${step.title}" was started, but ${where} holds no outcome and its process is gone.`,
      };
    case 'absent':
      return {
        kind: 'unknown',
        change,
        note: `"${step.title}" was meant to start, but ${where} is not there.`,
      };
  }
}

/** Not reached means that this try ran nothing; an earlier one may have, so a started step is looked for patiently. */
function unreachable(change: Change, node: NodeTarget, error: ConnectError, tools: ApplyTools): Applied {
  const started = change.journal.some((entry) => entry.kind === 'intent');
  const runAt = change.history.findLast((entry) => entry.move === 'run')?.at ?? change.createdAt;
  const waited = tools.clock() - Date.parse(runAt);
  if (waited < patienceMs) {
    const touched = started ? 'A step may be running there.' : 'Nothing has run.';
    return {
      kind: 'later',
      change,
      note: `${error.message} ${touched} Trying again every 10 s.`,
      afterMs: 10_000,
    };
  }
  if (started)
    return { kind: 'unknown', change, note: `${error.message} A step may have run on ${node.name}.` };
  return { kind: 'not-started', change, note: `${error.message} No step was started.` };
}

function placeOf(change: Change, step: Step, node: NodeTarget): RunPlace {
  return { changeId: change.id, stepId: step.id, become: node.endpoint.become };
}

function iso(tools: Pick<ApplyTools, 'clock'>): string {
  return new Date(tools.clock()).toISOString();
}
