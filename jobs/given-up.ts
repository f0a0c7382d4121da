import { NewerError } from '../src/core/stored.js';
import type { ErrorInfo } from '../src/core/errors.js';
import type { Request } from '../src/core/request.js';
import type { GivenUp } from '../src/queue/queues.js';
import { explain } from '../src/slack/explain.js';
import { privateMessage } from '../src/slack/views/private.js';
import { cardKeyOf, showRequest } from './show.js';
import type { Tools } from './tools.js';

/** Tells whoever asked that a job behind their request will not be done; nothing for jobs that nobody asked for. */
export async function tellGivenUp(
  id: string,
  why: GivenUp,
  tools: Pick<Tools, 'requests' | 'outbox'>,
): Promise<void> {
  const error = reasons[why];
  try {
    const request = await tools.requests.get(id);
    const isTold = request === null || !isOpen(request) || !(await tools.requests.begin(id));
    if (!isTold) await showRequest({ ...request, phase: 'failed', error }, tools);
  } catch (failure) {
    if (!(failure instanceof NewerError)) throw failure;
    await tellBeside(id, error, tools);
  }
}

const open: readonly Request['phase'][] = ['queued', 'reading', 'waiting'];

function isOpen({ phase }: Request): boolean {
  return open.includes(phase);
}

/** A card that a newer aixops draws is left to it: the words go into its thread, once. */
async function tellBeside(
  id: string,
  error: ErrorInfo,
  { requests, outbox }: Pick<Tools, 'requests' | 'outbox'>,
): Promise<void> {
  const asked = await requests.originOf(id);
  if (asked === null) return;
  const { channel, user } = asked.origin;
  const key = cardKeyOf({ id });
  const letter = { key: `${key}:given-up`, channel, thread: { key }, priority: 'card' as const, user };
  await outbox.putOnce(letter, { kind: 'message', message: privateMessage(explain(error, id)) });
}

const reasons: Readonly<Record<GivenUp, ErrorInfo>> = {
  late: {
    class: 'LostError',
    message:
      'No worker took this up in its time, and later it is not done by surprise. Nothing was run. See that a worker runs.',
  },
  unknown: {
    class: 'RefusedError',
    reason: 'newer-version',
    message:
      'No worker that runs knows this: it was asked for through a newer version of aixops. Nothing was run. Ask again when all processes have the newer version.',
  },
  failed: {
    class: 'LostError',
    message: 'This went wrong several times, and the reason could not be put on this card.',
  },
  stalled: {
    class: 'LostError',
    message: 'Several workers ended in the middle of this, one after the other.',
  },
};
