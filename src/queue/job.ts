/** What is in queues, and how it gets in. */

/** `read` may run twice; `change` may not; `outbox` is the bot's; `clock` wakes what waits. */
export type QueueName = 'read' | 'change' | 'outbox' | 'clock';

/** The version of a job's data that this aixops writes and takes; a job of any other is left for a worker that knows it. */
export const jobVersion = 1;

/** What is in a job: ids only, never outputs. `notAfter` (epoch milliseconds) makes a ghost job end without effect. */
export interface JobData {
  readonly v: typeof jobVersion;
  readonly id: string;
  readonly notAfter: number;
}

// BullMQ takes what has no priority first.
const widePriority = 1;

/** The options of BullMQ that make a job wide. */
export function wideOptions(isWide: boolean): { readonly priority?: number } {
  return isWide ? { priority: widePriority } : {};
}

/** Whether a job was added as a wide one. */
export function isWideIn({ priority = 0 }: { readonly priority?: number | undefined }): boolean {
  return priority >= widePriority;
}

export interface Enqueue {
  /**
   * A job of that name; resolves when Redis has it. `delayMs` holds it back; the same `jobId` is taken once. One that is wide
   * keeps a worker long: those that are not are taken before it, and it takes none of the first places from them, so that nobody
   * who asks for one node waits behind a thousand.
   */
  add(
    queue: QueueName,
    name: string,
    data: JobData,
    options?: { delayMs?: number; jobId?: string; isWide?: boolean },
  ): Promise<void>;
}
