import { readFileSync } from 'node:fs';
import { z } from 'zod';

const status = z.enum(['active', 'inoperative', 'absent']);

/**
 * How a node is, said by what differs from a healthy one. Scenarios are files in `scenarios/`; a test may also
 * hand one in as a value.
 */
export const scenarioSchema = z.strictObject({
  about: z.string(),
  /** As the HMC words it, e.g. `Not Activated`; anything but `Running` also means that nobody can log in. */
  lparState: z.string().default('Running'),
  subsystems: z.record(z.string(), status).default({}),
  /** Whether an HMC has registered with the node (its MCP entry exists). */
  registered: z.boolean().default(true),
  /** `rmcctrl -p` or `-P`. */
  remoteClients: z.boolean().default(true),
  /** Heartbeat as the LPAR sees it: I up, i pending, O down, none no row; `auto` follows from the rest. */
  link: z.enum(['auto', 'I', 'i', 'O', 'none']).default('auto'),
  /** What the HMC shows as DCaps until RMC is restarted; null: what a working node has. */
  dcaps: z.string().nullable().default(null),
  /** lssyscfg says inactive while lspartition says Active:<1>, until the HMC rebuilds the system. */
  hmcViewsDisagree: z.boolean().default(false),
  /** A peer domain and CAA: what makes a restart of RMC a risk. */
  clustered: z.boolean().default(false),
  /** How many `rmcctrl -A` or `-s` fail before one succeeds. */
  startFailures: z.number().int().min(0).default(0),
  /** Programs that never answer, and programs that answer with bytes that are no text. */
  hang: z.array(z.string()).default([]),
  garbage: z.array(z.string()).default([]),
  /** Every program of the lab waits this long first. */
  slowMs: z.number().min(0).default(0),
  /** normal · closed: connection refused · silent: accepts and never speaks · login-refused · other-key. */
  ssh: z.enum(['normal', 'closed', 'silent', 'login-refused', 'other-key']).default('normal'),
  /** So many commands lose their connection after their first output. */
  disconnects: z.number().int().min(0).default(0),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioChange = Partial<z.input<typeof scenarioSchema>>;

/** Reads a scenario by its name; throws with every problem when the file is missing or wrong. */
export function loadScenario(name: string): Scenario {
  if (!/^[a-z0-9-]+$/.test(name)) throw new TypeError(`not a scenario name: ${name}`);
  const file = new URL(`./scenarios/${name}.json`, import.meta.url);
  return scenarioSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** A healthy node with these differences. */
export function scenarioOf(change: ScenarioChange): Scenario {
  return scenarioSchema.parse({ about: 'given by value', ...change });
}
