import type { JobHandler, QueueName } from '../src/queue/queues.js';
import { applyFix } from './apply-fix.js';
import { carryRollout } from './carry-rollout.js';
import { diagnose } from './diagnose.js';
import { dropOutputs } from './drop-outputs.js';
import { certExpiry } from './cert-expiry.js';
import { enrol, expireEnrolments } from './enrol.js';
import { expire } from './expire.js';
import { expiryDigest, wakeDigests } from './expiry-digest.js';
import { proposeFix } from './propose-fix.js';
import { proposeRollout } from './propose-rollout.js';
import { readAgain } from './read-again.js';
import { recheckCertificates } from './recheck-certificates.js';
import { reviewGlasses } from './review-glass.js';
import { remind } from './remind.js';
import { rollBack } from './roll-back.js';
import { wakeRollouts } from './rollout-clock.js';
import { told } from './told.js';
import type { Tools } from './tools.js';

/** Every job a worker does, by name, with the queue that it comes from. `deliver` is the bot's: see `deliver.ts`. */
export const jobs: Readonly<
  Record<string, { queue: QueueName; run: (id: string, tools: Tools, signal: AbortSignal) => Promise<void> }>
> = {
  diagnose: { queue: 'read', run: diagnose },
  'read-again': { queue: 'read', run: readAgain },
  'propose-fix': { queue: 'read', run: proposeFix },
  'propose-rollout': { queue: 'read', run: proposeRollout },
  'carry-rollout': { queue: 'change', run: carryRollout },
  'roll-back': { queue: 'read', run: rollBack },
  'apply-fix': { queue: 'change', run: applyFix },
  'expiry-digest': { queue: 'read', run: expiryDigest },
  'cert-expiry': { queue: 'read', run: certExpiry },
  enrol: { queue: 'read', run: enrol },
  'recheck-certificates': { queue: 'read', run: recheckCertificates },
  expire: { queue: 'clock', run: (_id, tools) => tick(tools) },
};

/** Jobs whose id is a request's, and which begin with it. */
const ofRequests: readonly string[] = [
  'diagnose',
  'propose-fix',
  'propose-rollout',
  'roll-back',
  'cert-expiry',
  'enrol',
];

/** What the clock does, most urgent first. */
const clockParts: readonly ((tools: Tools) => Promise<unknown>)[] = [
  expire,
  wakeRollouts,
  wakeDigests,
  remind,
  reviewGlasses,
  expireEnrolments,
  dropOutputs,
];

/** One tick: what goes wrong in one part keeps none of the others from their turn, and is told afterwards. */
async function tick(tools: Tools): Promise<void> {
  const errors: unknown[] = [];
  for (const part of clockParts) await part(tools).catch((error: unknown) => errors.push(error));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} parts of the clock failed`);
}

/** Whether this version knows a job of that name in a queue. */
export function knowsJob(queue: QueueName, name: string): boolean {
  return Object.hasOwn(jobs, name) && jobs[name]?.queue === queue;
}

/** The handler of one queue, for the jobs that it knows. */
export function handlerOf(queue: QueueName, tools: Tools): JobHandler {
  return async (name, data, signal) => {
    if (!knowsJob(queue, name)) throw new Error(`this worker knows no job "${name}" of queue ${queue}`);
    await told({ queue, name, id: data.id, signal }, tools, async () => {
      // Whoever asked was told that it was not queued.
      if (ofRequests.includes(name) && !(await tools.requests.begin(data.id))) return;
      await jobs[name]?.run(data.id, tools, signal);
    });
  };
}
