/** Jobs that this version does not know: they are left for a worker that does, and said where none came in time. */

/** As much of a queued job as leaving it needs. */
export interface LeftJob {
  readonly id?: string | undefined;
  readonly name: string;
  /** Of any version: nothing in it can be relied on. */
  readonly data: unknown;
  /** When it was added, epoch milliseconds. */
  readonly timestamp: number;
  /** How often it was taken, this time included. */
  readonly attemptsStarted: number;
}

const mostMs = 30_000;
/** What says of no time of its own is left for a day. */
const dayMs = 24 * 3_600_000;

/**
 * How long to leave a job that was taken for the `times`-th time. Of several workers one may know it already, and somebody
 * waits; where none does, a crowd of such jobs must be no load.
 */
export function leaveForMs(times: number): number {
  if (times <= 10) return 1_000;
  return times <= 30 ? 5_000 : mostMs;
}

/**
 * Whether a job has been left for long enough. On the change queue each time makes a new job, whose own time of adding says
 * nothing: there `times` tells.
 */
export function isLeftTooLong({ data, timestamp }: LeftJob, times: number, nowMs: number): boolean {
  const { notAfter } = fieldsOf(data);
  if (typeof notAfter === 'number' && nowMs > notAfter) return true;
  return nowMs - timestamp > dayMs || times > dayMs / mostMs;
}

/** The id under which a job of the change queue is handed on, and how often it was. */
export function handedOn({ id = '', timestamp }: LeftJob): {
  readonly times: number;
  readonly nextId: string;
} {
  const { base = id, count = '0' } = /^(?<base>.*)~(?<count>\d+)$/.exec(id)?.groups ?? {};
  const times = Number(count) + 1;
  return { times, nextId: `${base === '' ? `job-${timestamp}` : base}~${times}` };
}

/** Says that a job is left: the same happens many times over an upgrade, so each kind is said once in ten minutes. */
export function sayingLeft(
  log: { warn(fields: object, message: string): void },
  clock: () => number,
): (queue: string, job: string, id: string) => void {
  const said = new Map<string, number>();
  return (queue, job, id) => {
    const kind = `${queue} ${job}`;
    const last = said.get(kind);
    if (said.size > 100 || (last !== undefined && clock() - last < 600_000)) return;
    said.set(kind, clock());
    log.warn({ queue, job, id }, 'a job of a newer version is left for a worker that knows it');
  };
}

/** The version of a job's data; null where it is none of ours. */
export function dataVersion(data: unknown): number | null {
  const { v } = fieldsOf(data);
  return typeof v === 'number' ? v : null;
}

/** The id in a job's data, whatever its version; null where there is none. */
export function idIn(data: unknown): string | null {
  const { id } = fieldsOf(data);
  return typeof id === 'string' ? id : null;
}

function fieldsOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}
