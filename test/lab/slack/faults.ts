import { z } from 'zod';

/**
 * What can be made to go wrong, for a number of calls of one method (`*` for every method):
 * - `429`: refused with Retry-After; `500`: an error page; `error`: refused with Slack's code in `error`;
 * - `refuse`: the connection is cut before the call is carried out; `timeout`: no answer ever, not carried out;
 * - `reply-lost`: carried out, and the connection is cut before the answer; `slow`: carried out `ms` later;
 * - `disconnect-sockets`: every Socket Mode connection is cut now; `refresh-sockets`: closed with Slack's notice.
 */
export const faultSchema = z.strictObject({
  method: z.string().min(1).default('*'),
  kind: z.enum([
    '429',
    '500',
    'error',
    'timeout',
    'reply-lost',
    'refuse',
    'slow',
    'disconnect-sockets',
    'refresh-sockets',
  ]),
  /** How many calls it hits; 0 until it is cleared. */
  times: z.int().min(0).default(1),
  /** Seconds. */
  retryAfter: z.number().min(0).default(1),
  ms: z.number().min(0).default(1_000),
  error: z.string().default('internal_error'),
});

export type Fault = z.output<typeof faultSchema>;
export type FaultOrder = z.input<typeof faultSchema>;

/** The faults that are set at the moment, in the order in which they were set. */
export class Faults {
  #set: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#set.push({ fault, left: fault.times === 0 ? Infinity : fault.times });
  }

  clear(): void {
    this.#set = [];
  }

  /** The first fault that hits this call, counted down; null for none. */
  take(method: string): Fault | null {
    const hit = this.#set.find(({ fault }) => fault.method === '*' || fault.method === method);
    if (hit === undefined) return null;
    hit.left -= 1;
    if (hit.left <= 0) this.#set = this.#set.filter((entry) => entry !== hit);
    return hit.fault;
  }

  list(): readonly (Fault & { left: number | null })[] {
    return this.#set.map(({ fault, left }) => ({ ...fault, left: Number.isFinite(left) ? left : null }));
  }
}
