import { openIntent } from '../approval/journal.js';
import type { Change, StepOutcome } from '../approval/states.js';
import { ConnectError } from '../core/errors.js';
import type { NodeStep } from '../core/plan.js';
import { nodeOfStep } from '../core/plan-places.js';
import type { NodeTarget } from '../core/target.js';
import { intend, iso, unreachable, type Applied, type ApplyTools } from './applied.js';
import {
  lookScript,
  readLook,
  runDirectory,
  startScript,
  type Look,
  type RunPlace,
} from './run-directory.js';

const waitSeconds = 8;
const lookAgainMs = 3_000;
/** An intent this much older than its step's limit no longer starts a step: a person looks first. */
const staleIntentMs = 10 * 60_000;

/** One step on one node, and whether this look may still start it. */
interface Run {
  readonly step: NodeStep;
  readonly node: NodeTarget;
  readonly mayStart: boolean;
}

/** Starts a step where nobody has, and follows it for about a minute. Whoever makes its run directory starts it. */
export async function runNodeStep(change: Change, step: NodeStep, tools: ApplyTools): Promise<Applied> {
  const node = tools.node(nodeOfStep(step, change.plan));
  const intent = openIntent(change, step.id);
  const current = intent === undefined ? await intend(step, tools) : change;
  const isFresh =
    intent === undefined || tools.clock() - Date.parse(intent.at) < step.timeoutMs + staleIntentMs;
  for (let looks = 0; looks < 8; looks += 1) {
    // Gates are read right before a step: an intent that another worker wrote no longer starts one that has gates.
    const mayStart = isGated(step) ? intent === undefined && looks === 0 : isFresh;
    const run = { step, node, mayStart };
    const seen = await lookOnce(current, run, tools);
    if ('kind' in seen) return seen;
    const decided = await decide(current, run, seen.look, tools);
    if (decided !== null) return decided;
    if (tools.mustStop()) break;
  }
  const note = `"${step.title}" is still running on ${node.name}.`;
  return { kind: 'later', change: current, note, afterMs: lookAgainMs };
}

/** Looks at a step's run directory; read-only. null when the answer did not arrive whole. */
export async function lookAtNodeStep(
  change: Change,
  step: NodeStep,
  tools: Pick<ApplyTools, 'ssh' | 'nonce' | 'node'>,
): Promise<Look | null> {
  const node = tools.node(nodeOfStep(step, change.plan));
  const nonce = tools.nonce();
  const outcome = await tools.ssh.script(node, lookScript(placeOf(change, step, node), nonce, 2), 30_000);
  return readLook(outcome.stdout, nonce);
}

/** One round trip: claims and starts the step where it is not claimed yet, and brings back how it stands. */
async function lookOnce(
  change: Change,
  { step, node, mayStart }: Run,
  tools: ApplyTools,
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
    // The one try that could have started it did not arrive: the gates are read again before the next.
    if (isGated(step) && mayStart)
      return unreachable(await withdraw(step, error.message, tools), error, false, tools);
    return unreachable(change, error, true, tools);
  }
}

/** What one look means; null to look once more at once. */
async function decide(
  change: Change,
  { step, node }: Run,
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
    case 'gone': {
      const note = `"${step.title}" was started, but ${where} holds no outcome and its process is gone.`;
      return { kind: 'unknown', change, note };
    }
    case 'absent':
      return absent(change, step, where, tools);
  }
}

/** Meant to start, and not there: with gates that is the answer to expect after a lost try, and they are read again. */
async function absent(change: Change, step: NodeStep, where: string, tools: ApplyTools): Promise<Applied> {
  if (!isGated(step))
    return {
      kind: 'unknown',
      change,
      note: `"${step.title}" was meant to start, but ${where} is not there.`,
    };
  const after = await withdraw(step, `${where} is not there`, tools);
  const note = `"${step.title}" had not started. Its gates are read again before it does.`;
  return { kind: 'later', change: after, note, afterMs: 0 };
}

function withdraw(step: NodeStep, reason: string, tools: ApplyTools): Promise<Change> {
  return tools.journal({ kind: 'withdrawn', step: step.id, at: iso(tools), reason });
}

function isGated(step: NodeStep): boolean {
  return (step.gates ?? []).length > 0;
}

function placeOf(change: Change, step: NodeStep, node: NodeTarget): RunPlace {
  return { changeId: change.id, stepId: step.id, become: node.endpoint.become };
}
