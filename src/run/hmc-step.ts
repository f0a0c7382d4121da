import { openIntent } from '../approval/journal.js';
import type { Change, StepOutcome } from '../approval/states.js';
import { ConnectError } from '../core/errors.js';
import { renderCommand } from '../core/remote-command.js';
import type { HmcStep } from '../core/plan.js';
import { intend, iso, unreachable, type Applied, type ApplyTools } from './applied.js';

/**
 * Runs one command on an HMC, at most once: it is handed over only by who writes its intent. An HMC keeps no run
 * directory, so whoever finds an intent without a result cannot know what became of it, and says so.
 */
export async function runHmcStep(change: Change, step: HmcStep, tools: ApplyTools): Promise<Applied> {
  if (openIntent(change, step.id) !== undefined) return unknownOutcome(change, step, 'its answer was lost');
  const hmc = tools.hmc(step.hmc);
  if (hmc === undefined) {
    const note = `${step.hmc} is not in the inventory of this worker any more. The step did not run.`;
    return { kind: 'not-started', change, note };
  }
  const current = await intend(step, tools);
  try {
    const outcome = await tools.ssh.change(hmc, step.command, step.timeoutMs);
    if (outcome.ended !== 'exited' && outcome.ended !== 'too-long')
      return unknownOutcome(current, step, reasons[outcome.ended]);
    const { stdout, stderr } = outcome;
    // Its end was seen even where its output was too long to keep.
    const exitCode = outcome.exitCode;
    if (exitCode === null) return unknownOutcome(current, step, 'it ended without an exit status');
    const kept: StepOutcome = { kind: 'exited', exitCode, stdout, stderr };
    const after = await tools.journal({ kind: 'result', step: step.id, at: iso(tools), outcome: kept });
    return { kind: 'finished', change: after, failedStep: null };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    // Nothing was handed over: the intent is taken back, so that the next try is the first again.
    const entry = { kind: 'withdrawn', step: step.id, at: iso(tools), reason: error.message } as const;
    return unreachable(await tools.journal(entry), error, false, tools);
  }
}

/** What a person must do who wants to know: nothing that we could read tells, and nothing is run again. */
export function lookByHand(step: HmcStep): string {
  return `An HMC keeps no record of it that can be read. A person must look on ${step.hmc} whether "${renderCommand(step.command)}" has taken effect.`;
}

const reasons = {
  lost: 'the connection dropped',
  'timed-out': 'it had not answered within its limit',
  killed: 'a signal ended it',
} as const;

function unknownOutcome(change: Change, step: HmcStep, why: string): Applied {
  const note = `"${step.title}" was handed to ${step.hmc}, and ${why}: it may have run. ${lookByHand(step)}`;
  return { kind: 'unknown', change, note };
}
