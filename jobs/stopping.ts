import { setMaxListeners } from 'node:events';
import type { Request, Stopped } from '../src/core/request.js';
import { showFailure } from './show.js';
import type { Tools } from './tools.js';

/** What is said on the bus when a request is to be stopped: its id. */
export const stopTopic = 'stop';

/** A message may be lost: so often it is looked whether somebody has asked to stop. */
const lookEveryMs = 1_000;

/** Whether somebody wants a request's reading to end, heard for as long as a job reads for it. */
export interface Stopping {
  /** Fires as soon as it is known. */
  readonly signal: AbortSignal;
  /** Who asked, once the signal has fired. */
  by(): Stopped | null;
  /** Hears no more. */
  end(): void;
}

/**
 * Begins to hear whether a request is to be stopped: on any worker that reads for it, and again after its worker was killed.
 * Resolves when it is known whether that was asked for before.
 */
async function hearStop(
  requestId: string,
  { requests, bus, log }: Pick<Tools, 'requests' | 'bus' | 'log'>,
): Promise<Stopping> {
  const fired = new AbortController();
  // Each read listens to it.
  setMaxListeners(0, fired.signal);
  let by: Stopped | null = null;
  const look = async (): Promise<void> => {
    by ??= await requests.stopOf(requestId);
    if (by !== null) fired.abort(new StopAsked());
  };
  const lookQuietly = (): void => {
    look().catch((err: unknown) =>
      log.warn({ request: requestId, err }, 'it is not known whether to stop reading'),
    );
  };
  await look();
  const leave = bus.subscribe(stopTopic, (id) => {
    if (id === requestId) lookQuietly();
  });
  const timer = setInterval(lookQuietly, lookEveryMs);
  const end = (): void => {
    clearInterval(timer);
    leave();
  };
  return { signal: fired.signal, by: () => by, end };
}

/** What ends reading before its end: the job is done elsewhere, or somebody asked to stop. */
export interface Ends {
  readonly signal: AbortSignal;
  readonly stopping: Stopping;
}

/** Does the reading for a request while a stop is heard, and says on its card why it failed. Rejects as `read` does. */
export async function stoppably(
  request: Request,
  tools: Pick<Tools, 'requests' | 'outbox' | 'bus' | 'log'>,
  signal: AbortSignal,
  read: (ends: Ends) => Promise<void>,
): Promise<void> {
  const stopping = await hearStop(request.id, tools);
  try {
    await read({ signal, stopping });
  } catch (error) {
    await showFailure(request, error, tools, signal);
    throw error;
  } finally {
    stopping.end();
  }
}

/** Says that reading is over, from where on nobody stops it any more; who did before is answered. */
export async function endReading(
  { id }: Pick<Request, 'id'>,
  { stopping }: Ends,
  { requests }: Pick<Tools, 'requests'>,
): Promise<Stopped | null> {
  return (await requests.endReading(id)) ?? stopping.by();
}

/** Why reading ended before its end. */
class StopAsked extends Error {
  constructor() {
    super('somebody asked to stop reading');
    this.name = 'StopAsked';
  }
}
