/** Every finding that a diagnostic can report: its id is a promise, for monitoring systems filter by it. */
import { certificate } from './findings/certificate.js';
import { cluster } from './findings/cluster.js';
import { errorLog } from './findings/error-log.js';
import type { FindingAbout } from './findings/about.js';
import { node } from './findings/node.js';
import { rmcConnection } from './findings/rmc-connection.js';
import { rmcSides } from './findings/rmc-sides.js';
import { rsct } from './findings/rsct.js';

/** A finding as help and the manual have it. */
export interface KnownFinding extends FindingAbout {
  readonly id: string;
}

/** All of them, in the order of the manual: RMC, RSCT, clusters, certificates, nodes. */
export const findings: readonly KnownFinding[] = Object.entries({
  ...rmcSides,
  ...rmcConnection,
  ...errorLog,
  ...rsct,
  ...cluster,
  ...certificate,
  ...node,
}).map(([id, about]) => ({ id, ...about }));
