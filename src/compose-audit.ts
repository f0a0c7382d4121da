/** The audit trail's part of what the settings are made into. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { RedisLink } from './redis/link.js';
import type { Logger } from 'pino';
import type { Audit } from './audit/audit.js';
import type { AuditOrigin } from './audit/chain.js';
import { signingKeyOf } from './audit/signing-key.js';
import type { SyslogServer } from './audit/syslog-link.js';
import { createTending } from './audit/tending.js';
import { createTrail } from './audit/trail.js';
import { newToken, type Settings } from './cli/context.js';
import type { Config } from './config.js';
import { UsageError } from './core/errors.js';
import type { Observe } from './core/observe.js';
import { keyPrefix } from './redis/connect.js';
import { policyVersion } from './policy/version.js';

/** What kind of process writes to the trail. */
export type WriterRole = 'all' | 'bot' | 'worker' | 'cli';

/** The same trail, with each record noticed, written or not. */
export function watchedAudit(audit: Audit, observe: Observe): Audit {
  return {
    ...audit,
    append: async (event) => {
      const startedAt = performance.now();
      const ended = (outcome: 'written' | 'failed'): void =>
        observe({ kind: 'audit-appended', outcome, ms: performance.now() - startedAt });
      try {
        const record = await audit.append(event);
        ended('written');
        return record;
      } catch (error) {
        ended('failed');
        throw error;
      }
    },
  };
}

/** Which process writes: its role, its host, and an id of its own for as long as it runs; and its policy's version. */
export function auditOrigin(role: WriterRole, { policy }: Settings): () => AuditOrigin {
  const origin = {
    writer: `${role}/${hostname()}/${newToken(3)}`,
    policy: policyVersion(policy),
  };
  return () => origin;
}

export interface TendingTools {
  readonly redis: RedisLink;
  readonly audit: Audit;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly stopping: () => boolean;
  readonly log: Logger;
}

/** What a worker's clock does for the trail. Throws UsageError where a file that the settings name cannot be read. */
export function auditTending({ config }: Settings, tools: TendingTools): () => Promise<void> {
  const { keepDays } = config.audit;
  const key = config.auditSigningKey;
  return createTending({
    ...tools,
    trail: createTrail(tools.redis, keyPrefix),
    key: key === null ? null : signingKeyOf(key.reveal()),
    keepDays: keepDays === 'forever' ? null : keepDays,
    syslog: syslogOf(config),
  });
}

function syslogOf({ audit: { syslog }, folder }: Config): SyslogServer | null {
  if (syslog === undefined) return null;
  const { protocol, host, port, ca } = syslog;
  return { protocol, host, port, ca: ca === undefined ? null : certificatesIn(resolve(folder, ca)) };
}

function certificatesIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `audit.syslog.ca in aixops.yaml names ${file}, which cannot be read (${String((error as NodeJS.ErrnoException).code)}). Nothing was started.`,
    );
  }
}
