import type { Logger } from 'pino';
import type { Audit } from '../src/audit/audit.js';
import type { Locks } from '../src/approval/locks.js';
import type { ChangeStore } from '../src/approval/store.js';
import type { Risk } from '../src/core/plan.js';
import type { ConfiguredLevels, NodeTarget } from '../src/core/target.js';
import type { CertificateParser, NodeCertificates } from '../src/core/certificate.js';
import type { YearAhead } from '../src/digest/edition.js';
import type { DigestChannel } from '../src/digest/schedule.js';
import type { DigestStore } from '../src/digest/store.js';
import type { FleetStore } from '../src/fleet/store.js';
import type { Inventory } from '../src/inventory/inventory.js';
import type { Outbox } from '../src/outbox/outbox.js';
import type { Enqueue } from '../src/queue/queues.js';
import type { RequestStore } from '../src/requests/store.js';
import type { Transport } from '../src/ssh/transport.js';

/** What the waiting between two looks is; milliseconds. */
export interface VerifySettings {
  readonly gapMs: number;
  readonly pollMs: number;
  readonly deadlineMs: number;
}

/** Everything that a worker's jobs may use. The worker entry builds it; nothing in `jobs/` opens a connection itself. */
export interface Tools {
  readonly inventory: Inventory;
  readonly chooseNodes: (selectors: readonly string[]) => readonly NodeTarget[];
  readonly ssh: Transport;
  /** Makes sense of certificate text, in a thread of its own. */
  readonly certificates: CertificateParser;
  readonly requests: RequestStore;
  readonly fleet: FleetStore;
  readonly changes: ChangeStore;
  readonly locks: Locks;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly queue: Enqueue;
  readonly digest: DigestStore;
  /** Where a digest of certificates is posted every day. */
  readonly digestChannels: readonly DigestChannel[];
  /** Reads the certificates of nodes; what cannot be read is in the answer, and never thrown. */
  readonly readNodes: (
    nodes: readonly NodeTarget[],
    signal?: AbortSignal,
  ) => Promise<readonly NodeCertificates[]>;
  /** Draws the picture of the year ahead as a PNG; null where it cannot be drawn here. */
  readonly drawYear: (year: YearAhead) => Promise<Buffer | null>;
  readonly approvalsNeeded: (risk: Risk) => number;
  /** Words for the card on who may approve, e.g. "anyone but the requester". */
  readonly approversHint: string;
  readonly approvalExpiryMs: number;
  readonly verify: VerifySettings;
  readonly nodesAtOnce: number;
  /** RSCT levels as the settings ask for them. */
  readonly rsctLevels: ConfiguredLevels;
  /** So long after its end a change's run directory stays on the node; milliseconds. */
  readonly keepRunDirectoryMs: number;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Short random id, letters and digits. */
  readonly newId: () => string;
  /** True once the process was asked to stop: hand over instead of starting something long. */
  readonly stopping: () => boolean;
  readonly log: Logger;
}
