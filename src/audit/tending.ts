/** Everything that a worker's clock does for the trail, put together from the settings. */
import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Audit } from './audit.js';
import { createCopy } from './copy.js';
import { keepTrail } from './keeping.js';
import { sendToSyslog, type SyslogServer } from './syslog-link.js';
import type { Trail } from './trail.js';
import type { Tampering } from './verify.js';

export interface TendingOptions {
  readonly audit: Audit;
  readonly trail: Trail;
  readonly key: KeyObject | null;
  /** Days; null keeps everything for ever. */
  readonly keepDays: number | null;
  readonly syslog: SyslogServer | null;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly stopping: () => boolean;
  readonly log: Logger;
}

const dayMs = 24 * 3_600_000;
/** Tampering is said again after this, for as long as it stands. */
const sayAgainMs = 3_600_000;

/** What the clock calls: checkpoints, retention, and the copy to syslog, which nothing waits for. */
export function createTending(options: TendingOptions): () => Promise<void> {
  const { audit, trail, key, keepDays, syslog, clock, newId, stopping, log } = options;
  const copy =
    syslog === null
      ? null
      : createCopy({
          audit,
          trail,
          newId,
          stopping,
          send: (messages) => sendToSyslog(syslog, messages),
          onLost: (count) => log.warn({ count }, 'audit records will never reach syslog'),
          onFailed: (err) =>
            log.warn({ err, host: syslog.host }, 'syslog did not take audit records; they wait'),
        });
  const onTampered = oncePer(sayAgainMs, clock, (found: readonly Tampering[]) => {
    const first = found[0]?.sentence ?? '';
    log.error({ found: found.length, first }, 'the audit trail was tampered with: aixops audit verify');
  });
  const keepMs = keepDays === null ? null : keepDays * dayMs;
  return async () => {
    void copy?.catchUp();
    await keepTrail({ audit, trail, key, keepMs, clock, newId, onTampered });
  };
}

function oncePer<T>(ms: number, clock: () => number, say: (what: T) => void): (what: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (what) => {
    if (clock() - last < ms) return;
    last = clock();
    say(what);
  };
}
