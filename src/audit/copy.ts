/** Copies the trail to syslog behind everybody's back: nothing waits for it, and it catches up after any outage. */
import type { Audit } from './audit.js';
import { syslogMessage } from './syslog.js';
import type { Handed } from './syslog-link.js';
import type { Trail } from './trail.js';

export interface CopyOptions {
  readonly audit: Pick<Audit, 'read'>;
  readonly trail: Pick<Trail, 'claim' | 'letGo' | 'copied' | 'setCopied'>;
  /** Hands over a batch of messages; rejects where the server did not take it. */
  readonly send: (messages: readonly string[]) => Promise<Handed>;
  readonly newId: () => string;
  /** So many records will never be there. */
  readonly onLost: (count: number) => void;
  /** The server is away; what waits is sent when it is back. */
  readonly onFailed: (error: unknown) => void;
  readonly stopping: () => boolean;
}

export interface Copy {
  /** Sends what was not sent yet, one batch after another; never rejects. Called again meanwhile it does nothing more. */
  catchUp(): Promise<void>;
}

const batch = 100;
/** Longer than one batch can take. */
const claimMs = 60_000;

/** A Copy whose cursor is in Redis: of several workers one sends, and after a restart it goes on where it was. */
export function createCopy(options: CopyOptions): Copy {
  const { trail, newId, onFailed } = options;
  let running: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    const token = newId();
    try {
      while (!options.stopping()) {
        if (!(await trail.claim('copying', token, claimMs))) return;
        if (!(await sendBatch(options))) break;
      }
      await trail.letGo('copying', token);
    } catch (error) {
      onFailed(error);
      // Redis may be what failed: the claim then runs out by itself.
      await trail.letGo('copying', token).catch(() => undefined);
    }
  };
  return {
    catchUp: () => {
      running ??= run().finally(() => {
        running = null;
      });
      return running;
    },
  };
}

/** True when there may be more. */
async function sendBatch({ audit, trail, send, onLost }: CopyOptions): Promise<boolean> {
  const from = await trail.copied();
  const records = await audit.read(from, batch);
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return false;
  // Trimmed before they were sent.
  if (first.sequence > from) onLost(first.sequence - from);
  const { lost } = await send(records.map(syslogMessage));
  if (lost > 0) onLost(lost);
  await trail.setCopied(last.sequence + 1);
  return records.length === batch;
}
