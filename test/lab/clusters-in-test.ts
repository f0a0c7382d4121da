import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { runOver } from './client.js';
import type { Ran } from './client.js';
import { startLab } from './lab.js';
import type { ConfigFiles, Lab } from './lab.js';

export const utilities = '/usr/es/sbin/cluster/utilities';
/** The certificate tool of both clusters. */
export const tool = `${utilities}/clrexec_cert_setup`;
/** What a try of clrsh that does not get through is. */
export const communicationError = { code: 1, stdout: '', stderr: 'Communication error, see logfile\n' };

const aDate = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \w+ \d{4}\n$/;

/** The estate with two clusters, as long as the tests of one file run. */
export interface ClustersInTest {
  readonly lab: Lab;
  /** Below which a test may make more labs. */
  readonly folder: string;
  readonly on: (node: string, command: string, input?: string) => Promise<Ran>;
  /** The output of a command that succeeds in silence otherwise. */
  readonly out: (node: string, command: string) => Promise<string>;
  readonly clrsh: (from: string, to: string, command?: string) => Promise<Ran>;
  /** The pairs of a cluster that get through, each tried once: `erp1>erp2`. */
  readonly through: (cluster: string) => Promise<string[]>;
}

/** Starts the estate before the tests of the file that calls it, and makes all nodes healthy before each of them. */
export function clustersInTest(): ClustersInTest {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-lab-cluster-'));
  let lab: Lab;
  let files: ConfigFiles;
  beforeAll(async () => {
    lab = await startLab({ estate: 'clusters', folder: join(folder, 'lab'), settleMs: 200 });
    files = await lab.writeConfig(join(folder, 'config'));
  }, 60_000);
  afterAll(async () => {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const name of lab.clusters) await lab.cluster(name).setScenario('healthy');
  });
  const on: ClustersInTest['on'] = (name, command, input = '') =>
    runOver(lab.node(name), files, 'root', command, input);
  const clrsh: ClustersInTest['clrsh'] = (from, to, command = '/usr/bin/date') =>
    on(from, `/usr/sbin/clrsh ${to} ${command}`);
  return {
    get lab() {
      return lab;
    },
    folder,
    on,
    out: async (name, command) => {
      const { code, stdout, stderr } = await on(name, command);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      return stdout;
    },
    clrsh,
    through: async (cluster) => {
      const { nodes } = lab.cluster(cluster);
      const tries = nodes.flatMap((from) =>
        nodes.map(async (to) => ({ from, to, ran: await clrsh(from, to) })),
      );
      const done = await Promise.all(tries);
      for (const { ran } of done) {
        if (ran.code === 0) expect(ran.stdout).toMatch(aDate);
        else expect(ran).toMatchObject(communicationError);
      }
      return done.filter(({ ran }) => ran.code === 0).map(({ from, to }) => `${from}>${to}`);
    },
  };
}

/** Every ordered pair, each node with itself included. */
export function allPairs(...nodes: string[]): string[] {
  return nodes.flatMap((from) => nodes.map((to) => `${from}>${to}`));
}
