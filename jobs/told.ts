import type { Change } from '../src/approval/states.js';
import { NewerError } from '../src/core/stored.js';
import type { KeptTrace } from '../src/core/tracing.js';
import { noteInLog, withLogFields } from '../src/log-fields.js';
import type { QueueName } from '../src/queue/queues.js';
import type { Tools } from './tools.js';

interface ToldJob {
  readonly queue: QueueName;
  readonly name: string;
  readonly id: string;
  /** Fires when the job is given back or its lock was lost. */
  readonly signal: AbortSignal;
}

/** For whom and on what a job is done, and in which trace that was asked for. */
interface Purpose {
  readonly fields: Readonly<Record<string, string>>;
  readonly trace?: KeptTrace | undefined;
}

/**
 * Does a job in the trace in which it was asked for, and tells its beginning and its end in the log, each line with who
 * asked, for what. A failure is told by who takes jobs out of the queue.
 */
export async function told(
  { queue, name, id, signal }: ToldJob,
  tools: Tools,
  run: () => Promise<void>,
): Promise<void> {
  const { log, clock, tracing } = tools;
  // A tick is nobody's command: its parts say themselves for whom they do something.
  if (queue === 'clock') return run();
  const { fields, trace } = await purposeOf(queue, id, tools);
  noteInLog(fields);
  const attributes = { 'aixops.job': name, ...attributesOf(fields) };
  // A change is looked at again and again, each time by a job of the look before: side by side, and not ever deeper.
  const kept = queue === 'change' ? trace : undefined;
  await tracing.under(kept, `job ${name}`, { attributes }, async (span) => {
    const startedAt = clock();
    const ended = async (outcome: 'done' | 'failed' | 'left'): Promise<void> => {
      const state = queue === 'change' ? await stateOf(id, tools) : {};
      span.set(attributesOf(state));
      log.info({ outcome, ms: clock() - startedAt, ...state }, 'a job ended');
    };
    log.info('a job begins');
    try {
      await run();
    } catch (error) {
      // Who tells of it stands outside of this trace.
      const here = tracing.current();
      if (here !== null) noteInLog({ trace_id: here.traceId, span_id: here.spanId });
      // Another worker does it, or does it again.
      await ended(signal.aborted || error instanceof NewerError ? 'left' : 'failed');
      throw error;
    }
    await ended('done');
  });
}

/** The clock does something for one change: in its trace, and with its id in each line of the log. */
export function forChange<T>(
  change: Change,
  name: string,
  { tracing }: Pick<Tools, 'tracing'>,
  work: () => Promise<T>,
): Promise<T> {
  const fields = fieldsOf(change);
  return withLogFields(fields, () =>
    tracing.under(change.trace, name, { attributes: attributesOf(fields) }, work),
  );
}

/** What cannot be read here is not read by the job either, which says so. */
async function purposeOf(queue: QueueName, id: string, tools: Tools): Promise<Purpose> {
  try {
    return queue === 'change' ? await ofChange(id, tools) : await ofRequest(id, tools);
  } catch {
    return { fields: {} };
  }
}

async function ofChange(id: string, tools: Tools): Promise<Purpose> {
  const change = await tools.changes.get(id);
  if (change !== null) return { fields: fieldsOf(change), trace: change.trace };
  const rollout = await tools.rollouts.get(id);
  if (rollout === null) return { fields: {} };
  return { fields: { rollout: id, actor: rollout.requester, fix: rollout.fix }, trace: rollout.trace };
}

function fieldsOf({ id, requester, plan }: Change): Readonly<Record<string, string>> {
  return { change: id, actor: requester, target: plan.target, fix: plan.fix };
}

async function ofRequest(id: string, tools: Tools): Promise<Purpose> {
  const request = await tools.requests.get(id);
  if (request === null) return { fields: {} };
  return { fields: { request: id, actor: request.origin.user } };
}

/** Of a person only the log tells. */
function attributesOf(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name !== 'actor')
      .map(([name, value]) => [`aixops.${name}`, value]),
  );
}

/** What has become of a change; nothing where that is not to be read any more. */
async function stateOf(id: string, tools: Tools): Promise<{ readonly state?: string }> {
  const state = await tools.changes.get(id).then(
    (change) => change?.state,
    () => undefined,
  );
  return state === undefined ? {} : { state };
}
