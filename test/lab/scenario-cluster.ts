import { z } from 'zod';

const number = z.number().int().min(1);
const octal = z.string().regex(/^0[0-7]{3}$/);

/** /etc/cluster/rhosts and how names are resolved. */
const names = {
  /**
   * addresses, labels: as it should be. stale: one node less, and an address that no node has. not-self: without the
   * node itself. unresolvable: the labels of nodes that /etc/hosts does not have. The others are as they are called.
   */
  rhosts: z
    .enum([
      'addresses',
      'labels',
      'missing',
      'empty',
      'stale',
      'not-self',
      'crlf',
      'blank-line',
      'trailing-space',
      'unresolvable',
    ])
    .default('addresses'),
  rhostsMode: octal.default('0600'),
  rhostsOwner: z
    .string()
    .regex(/^\w+:\w+$/)
    .default('root:system'),
  /** /etc/hosts. other-address: the next node's label has an address that no node has. no-peer: it has no address. */
  hosts: z.enum(['same', 'other-address', 'no-peer']).default('same'),
  /** Where its connections come from, if not from its own address: an interface that nobody told the cluster of. */
  comesFrom: z
    .string()
    .regex(/^127\.\d+\.\d+\.\d+$/)
    .nullable()
    .default(null),
};

/** What clcomd does. */
const communication = {
  /** Nodes by their number in the cluster, from 1, between which and this one nothing gets through. */
  blockedPeers: z.array(number).default([]),
  /** A firewall: nobody else gets in, or this node gets nowhere. */
  blockedIn: z.boolean().default(false),
  blockedOut: z.boolean().default(false),
  /** What becomes of a try that a firewall stops; timeout: it never ends. */
  blockedBy: z.enum(['refused', 'timeout']).default('refused'),
  /** Every so many tries of one pair fail, into this node; 0: none. */
  failEvery: z.number().int().min(0).default(0),
  /** ignored: says that it did and does not. unsupported: says that the subsystem cannot. */
  refresh: z.enum(['works', 'ignored', 'unsupported']).default('works'),
  /** dies: a second after it was started it has ended. */
  start: z.enum(['works', 'dies']).default('works'),
  /** Seconds by which the node's clock is ahead. */
  clockSkew: z.number().int().default(0),
};

/** Certificates and what uses them. */
const security = {
  security: z.enum(['off', 'self-signed', 'openssl']).default('off'),
  /** Which symmetric keys were distributed to it last; with security on, nodes with other keys do not understand it. */
  keys: number.default(1),
  /** Days until the cluster's certificates on this node expire, below zero for the past; null: there are none. */
  certificateDays: z.number().nullable().default(400),
  /** More files that look like certificates and are none, or that nobody should read, as `.cert-x-<which>`. */
  more: z
    .array(
      z.enum(['broken', 'bundle', 'der', 'directory', 'fifo', 'hostile-name', 'huge', 'key-only', 'link']),
    )
    .default([]),
  /** The site's certificate tool. fails: before it has changed anything. fails-half: after its own node. */
  tool: z
    .enum(['works', 'missing', 'group-writable', 'foreign-owner', 'a-link', 'fails', 'fails-half'])
    .default('works'),
};

/** What else a cluster is made of. */
const services = {
  manager: z.string().default('ST_STABLE'),
  events: z.number().int().min(0).default(0),
  rmEvents: z.number().int().min(0).default(0),
  /** What this node's groups are in place of ONLINE, e.g. UNMANAGED. */
  groupState: z.string().nullable().default(null),
  /** As the others see this node. */
  caa: z.enum(['UP', 'DOWN']).default('UP'),
  repository: z.enum(['active', 'lost']).default('active'),
  /** Null: the estate's level. */
  level: z.string().nullable().default(null),
  /** How long ago the cluster manager wrote the end of an event into cluster.log. */
  lastEventMinutes: z.number().int().min(0).default(3000),
  /** More rows of `ps -ef`, as command lines of root. */
  processes: z.array(z.string()).default([]),
  /** Rows of `errpt`. */
  errors: z.array(z.string()).default([]),
};

/** How a node of a cluster is, said by what differs from a healthy one. */
export const clusterScenario = z.strictObject({ ...names, ...communication, ...security, ...services });

export type ClusterScenario = z.infer<typeof clusterScenario>;
