import type { Logger } from 'pino';
import type { Audit } from '../src/audit/audit.js';
import type { Locks } from '../src/approval/locks.js';
import type { CalmStore } from '../src/approval/calm.js';
import type { TimeGate } from '../src/approval/time-gate.js';
import type { RolloutStore } from '../src/approval/rollout-store.js';
import type { WaveLimits } from '../src/approval/rollout-waves.js';
import type { ChangeStore } from '../src/approval/store.js';
import type { Observe } from '../src/core/observe.js';
import type { Risk } from '../src/core/plan.js';
import type { Tracing } from '../src/core/tracing.js';
import type { ConfiguredLevels, Endpoint, NodeTarget } from '../src/core/target.js';
import type { CertificateParser, NodeCertificates } from '../src/core/certificate.js';
import type { YearAhead } from '../src/digest/edition.js';
import type { DigestChannel } from '../src/digest/schedule.js';
import type { DigestStore } from '../src/digest/store.js';
import type { FleetStore } from '../src/fleet/store.js';
import type { HandOver } from '../src/core/hand-over.js';
import type { PinnedKey } from '../src/core/host-key.js';
import type { Inventory } from '../src/inventory/inventory.js';
import type { Outbox } from '../src/outbox/outbox.js';
import type { Policy } from '../src/policy/schema.js';
import type { Enqueue } from '../src/queue/queues.js';
import type { Bus } from '../src/redis/bus.js';
import type { UsergroupMembers } from '../src/redis/usergroup-members.js';
import type { HostKeyStore } from '../src/redis/host-keys.js';
import type { RequestStore } from '../src/requests/store.js';
import type { FilePins } from '../src/ssh/pins.js';
import type { SweepLimits } from '../src/run/limits.js';
import type { Sharing } from '../src/run/sharing.js';
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
  readonly rollouts: RolloutStore;
  readonly locks: Locks;
  readonly calm: CalmStore;
  readonly timeGate: TimeGate;
  readonly outbox: Outbox;
  readonly audit: Audit;
  /** Checkpoints, retention and the copy of the audit trail. */
  readonly tendAudit: () => Promise<void>;
  readonly queue: Enqueue;
  /** Hints from process to process. */
  readonly bus: Bus;
  /** How sweeps are shared with other processes. */
  readonly sharing: Sharing;
  /** How long the parts of a sweep may take. */
  readonly sweepLimits: SweepLimits;
  readonly digest: DigestStore;
  readonly hostKeys: HostKeyStore;
  /** The host keys that a host presents, one of each type, fetched without logging in to it. Throws ConnectError. */
  readonly fetchHostKeys: (endpoint: Endpoint) => Promise<readonly PinnedKey[]>;
  /** What known_hosts files say of hosts. Throws ConnectError where one is not to be read. */
  readonly filePins: (endpoints: readonly Endpoint[]) => Promise<ReadonlyMap<Endpoint, FilePins>>;
  /** Where a digest of certificates is posted every day. */
  readonly digestChannels: readonly DigestChannel[];
  /** Reads the certificates of nodes; what cannot be read is in the answer, and never thrown. `onRead`: so many are read. */
  readonly readNodes: (
    nodes: readonly NodeTarget[],
    signal?: AbortSignal,
    onRead?: (done: number) => void,
  ) => Promise<readonly NodeCertificates[]>;
  /** Draws the picture of the year ahead as a PNG; null where it cannot be drawn here. */
  readonly drawYear: (year: YearAhead) => Promise<Buffer | null>;
  readonly policy: Policy;
  /** Whom reminders are for; decides nothing. */
  readonly usergroups: UsergroupMembers;
  readonly approvalsNeeded: (risk: Risk) => number;
  /** Words for the card on who may approve, e.g. "anyone but the requester". */
  readonly approversHint: string;
  readonly approvalExpiryMs: number;
  readonly verify: VerifySettings;
  /** How many targets of a roll-out go at once. */
  readonly rolloutLimits: WaveLimits;
  readonly nodesAtOnce: number;
  /** RSCT levels as the settings ask for them. */
  readonly rsctLevels: ConfiguredLevels;
  /** So long after its end a change's run directory stays on the node; milliseconds. */
  readonly keepRunDirectoryMs: number;
  /** So long after its end a change's outputs stay in Redis; milliseconds. */
  readonly keepOutputsMs: number;
  /** Takes note of what is worth counting. */
  readonly observe: Observe;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Short random id, letters and digits. */
  readonly newId: () => string;
  /** True once the process was asked to stop: hand over instead of starting something long. */
  readonly stopping: () => boolean;
  /** How this process then parts with what it carries on. */
  readonly handOver: HandOver;
  readonly log: Logger;
  readonly tracing: Tracing;
}
