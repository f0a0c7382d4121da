/** How a wish becomes a request that a worker takes up. */
import type { Logger } from 'pino';
import { showFirst } from '../../jobs/show.js';
import type { ChangeStore } from '../approval/store.js';
import type { Audit } from '../audit/audit.js';
import { RefusedError, UnsureError } from '../core/errors.js';
import type { Origin, Request, Wish } from '../core/request.js';
import { untraced, type Tracing } from '../core/tracing.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Outbox } from '../outbox/outbox.js';
import type { Policy } from '../policy/schema.js';
import type { Enqueue, QueueName } from '../queue/queues.js';
import type { Bus } from '../redis/bus.js';
import type { RequestStore } from '../requests/store.js';
import { groundsDemanded } from './demands.js';
import { supersede } from './stopping.js';
import { totalOf } from './wishes.js';

export interface SubmitTools {
  readonly inventory: Inventory;
  readonly policy: Policy;
  readonly requests: RequestStore;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly bus: Pick<Bus, 'publish'>;
  readonly queue: Enqueue;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly tracing?: Tracing;
  readonly log?: Pick<Logger, 'info' | 'warn'>;
}

/** A request that nobody started within this is not started later by surprise. */
const startWithinMs = 10 * 60_000;
/** So many targets take a worker longer than somebody who asks for one of them wants to wait. */
const wideFrom = 20;

const jobOf: Readonly<Record<Wish['job'], QueueName>> = {
  diagnose: 'read',
  'propose-fix': 'read',
  'propose-rollout': 'read',
  'roll-back': 'read',
  'cert-expiry': 'read',
  enrol: 'read',
};

/**
 * Writes a request down and queues its job; resolves when both are durable, and its card follows. Throws RefusedError
 * where the policy wants to know why, or the ticket, and it was not said.
 */
export async function submitWish(
  wish: Wish,
  asked: string,
  origin: Origin,
  tools: SubmitTools,
): Promise<Request> {
  const lacks = await groundsDemanded(wish, tools);
  if (lacks !== null) throw new RefusedError(`${lacks.problem} Nothing was queued.`, 'grounds');
  const trace = (tools.tracing ?? untraced).keep();
  const request: Request = {
    id: tools.newId(),
    asked,
    origin,
    wish,
    askedAt: new Date(tools.clock()).toISOString(),
    phase: 'queued',
    total: totalOf(wish, tools.inventory),
    done: 0,
    verdicts: [],
    offers: [],
    error: null,
    ...(trace !== undefined && { trace }),
  };
  const event = { asked, job: wish.job, channel: origin.channel };
  // Nothing comes of a request that is not queued: it and its record may be written at the same time, before that.
  await Promise.all([
    tools.audit.append({ code: 'request.accepted', actor: origin.user, object: request.id, detail: event }),
    tools.requests.put(request),
  ]);
  const data = { v: 1, id: request.id, notAfter: tools.clock() + startWithinMs } as const;
  const options = { jobId: `${wish.job}-${request.id}`, isWide: request.total >= wideFrom };
  const queued = tools.queue.add(jobOf[wish.job], wish.job, data, options);
  await queued.catch((failure: unknown) => withdrawn(request, failure, tools));
  tools.log?.info({ request: request.id, job: wish.job }, 'a request is queued');
  // The card last: whoever ends in between leaves none that nothing comes of. Nobody is kept waiting for it: a worker that is
  // quicker has drawn its own, and without it the worker's is the first.
  void showFirst(request, tools).catch(() => undefined);
  // It is taken, whatever becomes of one before it.
  await supersede(request, request.askedAt, tools).catch((err: unknown) =>
    tools.log?.warn({ request: request.id, err }, 'an earlier request of the same could not be stopped'),
  );
  return request;
}

/**
 * Redis did not say whether it has the job. Throws where the job is kept from being done now, and UnsureError where that is
 * not known either; a worker that has begun with it makes it an ordinary request.
 */
async function withdrawn({ id }: Request, failure: unknown, { requests }: SubmitTools): Promise<void> {
  const isWithdrawn = await requests.withdraw(id).catch(() => {
    throw new UnsureError(failure);
  });
  if (isWithdrawn) throw new Error('the job of a request was withdrawn', { cause: failure });
}
