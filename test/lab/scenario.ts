import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { clusterScenario } from './scenario-cluster.js';

const status = z.enum(['active', 'inoperative', 'absent']);
const nodeId = z.string().regex(/^[0-9a-f]{16}$/);

/** What is installed besides a plain AIX, each of which depends on RSCT or looks as if it did. */
const product = z.enum(['powerha', 'tsamp', 'ssp', 'gpfs', 'vmrm', 'errm', 'acls', 'mcproxy']);
export type Product = z.infer<typeof product>;

/** RMC as the node has it. */
const connection = {
  subsystems: z.record(z.string(), status).default({}),
  /** Whether the managing HMC has registered with the node (its MCP entry exists). */
  registered: z.boolean().default(true),
  /** Another HMC's entry, which comes first, and how it is heard; null: there is none. */
  foreignHmc: z.enum(['I', 'O']).nullable().default(null),
  /** `rmcctrl -p` or `-P`. */
  remoteClients: z.boolean().default(true),
  /** Heartbeat as the LPAR sees it; none: no row; `auto` follows from the rest. */
  link: z.enum(['auto', 'I', 'i', 'O', 'X', 'Z', 'none']).default('auto'),
  /** A restart of RMC changes nothing of it: the cause is not on the node. By default so for i, X and Z. */
  linkStays: z.boolean().nullable().default(null),
  /** So many looks at it still show `i`; then the handshake is over and it is `I`. */
  pendingReads: z.number().int().min(0).default(0),
  /** What becomes of a TCP connection from the node to port 657 anywhere. */
  tcp657: z.enum(['open', 'refused', 'timeout']).default('open'),
};

/** The node's error log; labels as in bin/aix/errlog. A start of RMC adds an entry. */
const errorLog = {
  /** Whether anything writes it. */
  errorLogging: z.boolean().default(true),
  errorLog: z
    .array(
      z.strictObject({
        label: z.enum([
          'CORE_DUMP',
          'LAB_RSCT_ERR',
          'REBOOT_ID',
          'RMCD_INFO_0_ST',
          'RMCD_INFO_2_ST',
          'SRC_RSTRT',
          'SRC_SVKO',
          'SRC_TRYX',
        ]),
        /** The program or subsystem that it is about, where it names one. */
        module: z
          .string()
          .regex(/^[\w.]+$/)
          .default('-'),
        hoursAgo: z.number().min(0),
      }),
    )
    .default([]),
};

/** The node's RSCT and who it says it is. */
const identity = {
  rsct: z.enum(['installed', 'missing']).default('installed'),
  /** Null: the estate's level. */
  rsctLevel: z.string().nullable().default(null),
  /** Null: the estate's id; a duplicate is made by giving it to two nodes. */
  nodeId: z
    .union([nodeId, z.literal('missing')])
    .nullable()
    .default(null),
  /** What the two ct_node_id files hold; null: the same as lsnodeid prints. */
  nodeIdEtc: z
    .union([nodeId, z.literal('missing')])
    .nullable()
    .default(null),
  nodeIdCfg: z
    .union([nodeId, z.literal('missing')])
    .nullable()
    .default(null),
  /** What `uname -L` gives as LPAR id; null: the right one. */
  lparIdSeen: z.number().int().nullable().default(null),
  /** cluster0 in CuAt; `keeps-id`: while it is there, recfgct -n ends with the old id. */
  cluster0: z.enum(['none', 'present', 'keeps-id']).default('none'),
  /** PowerVS: the injected link-local address is there. */
  ipv6: z.boolean().default(true),
  cloudInitLog: z.boolean().default(true),
  /** Which of its two boot images the node runs; `own` needs platform powervs. */
  image: z.enum(['original', 'own']).default('original'),
};

/** What the HMC shows of the LPAR. */
const hmcView = {
  /** As the HMC words it, e.g. `Not Activated`; anything but `Running` also means that nobody can log in. */
  lparState: z.string().default('Running'),
  lparEnv: z.enum(['aixlinux', 'vioserver', 'os400']).default('aixlinux'),
  /** What it shows as DCaps until RMC is restarted; null: what a working node has. */
  dcaps: z.string().nullable().default(null),
  /** lssyscfg says inactive while lspartition says Active:<1>, until the HMC rebuilds the system. */
  hmcViewsDisagree: z.boolean().default(false),
  /** Another address than the node's, until diagrmc corrects it; null: the right one. */
  hmcAddress: z.string().nullable().default(null),
  /** The state of the whole managed system, e.g. `No Connection`; null: as in the estate. */
  systemState: z.string().nullable().default(null),
  migration: z.string().default('Not Migrating'),
  /** RMC may use the HMC's interface (`lshmc -n`). */
  lparComm: z.boolean().default(true),
  /** The code that a dynamic operation fails with although RMC is well. */
  dlparError: z.string().nullable().default(null),
};

/** What gates look for. */
const surroundings = {
  /** A peer domain and CAA: what makes a restart of RMC a risk. */
  clustered: z.boolean().default(false),
  peerDomain: z.enum(['none', 'online', 'offline']).default('none'),
  caa: z.boolean().default(false),
  products: z.array(product).default([]),
  /** More installed filesets, as `rsct.basic.rte 3.2.6.2`. */
  filesets: z.array(z.string()).default([]),
  /** `uname -W`. */
  wpar: z.number().int().min(0).default(0),
  /** False: whoever logs in is not root, and sudo asks for a password. */
  root: z.boolean().default(true),
  /** Free space in every file system. */
  freeMb: z.number().int().min(0).default(2048),
};

const faults = {
  /** How many `rmcctrl -A` or `-s` fail before one succeeds. */
  startFailures: z.number().int().min(0).default(0),
  /** before: nothing is changed. half: everything is wiped and nothing started. */
  recfgctFails: z.enum(['no', 'before', 'half']).default('no'),
  /** Programs that are not there; that fail with these words on stderr; that never answer; that answer with bytes. */
  absent: z.array(z.string()).default([]),
  failing: z.record(z.string(), z.string()).default({}),
  hang: z.array(z.string()).default([]),
  garbage: z.array(z.string()).default([]),
  /** Every program of the lab waits this long first. */
  slowMs: z.number().min(0).default(0),
  /** normal · closed: connection refused · silent: accepts and never speaks · login-refused · other-key. */
  ssh: z.enum(['normal', 'closed', 'silent', 'login-refused', 'other-key']).default('normal'),
  /** So many commands lose their connection after their first output. */
  disconnects: z.number().int().min(0).default(0),
};

/**
 * How a node is, said by what differs from a healthy one. Scenarios are files in `scenarios/`; a test may also
 * hand one in as a value.
 */
export const scenarioSchema = z.strictObject({
  about: z.string(),
  ...connection,
  ...errorLog,
  ...identity,
  ...hmcView,
  ...surroundings,
  ...faults,
  /** As a node of a cluster; of no effect on any other. */
  cluster: clusterScenario.prefault({}),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioChange = Partial<z.input<typeof scenarioSchema>>;

/** Reads a scenario by its name; throws with every problem when the file is missing or wrong. */
export function loadScenario(name: string): Scenario {
  if (!/^[a-z0-9.-]+$/.test(name) || name.startsWith('.'))
    throw new TypeError(`not a scenario name: ${name}`);
  const file = new URL(`./scenarios/${name}.json`, import.meta.url);
  return scenarioSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** A healthy node with these differences. */
export function scenarioOf(change: ScenarioChange): Scenario {
  return scenarioSchema.parse({ about: 'given by value', ...change });
}
