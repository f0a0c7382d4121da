import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KnownNode } from '../../src/core/fleet.js';
import type { Outcome } from '../../src/core/outcome.js';
import { renderCommand, type ReadCommand } from '../../src/core/remote-command.js';
import type { ManagedSystem, NodeTarget, Target } from '../../src/core/target.js';
import type { Verdict } from '../../src/core/verdict.js';
import { chooseNodes, namedAlone } from '../../src/inventory/choose.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { loadInventory } from '../../src/inventory/load.js';
import { rmc } from '../../src/runbooks/diagnostics/rmc.js';
import { rsctLevel } from '../../src/runbooks/diagnostics/rsct-level.js';
import { fromHmcOnly, survey, type Surveyed } from '../../src/run/survey.js';
import { sweep } from '../../src/run/sweep.js';
import { createSsh2Transport } from '../../src/ssh/ssh2.js';
import type { Transport } from '../../src/ssh/transport.js';
import { startLab, type Lab } from '../lab/lab.js';
import { lpar1, system } from '../runbooks/cases.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-sweep-'));
let lab: Lab;
let inventory: Inventory;
let ssh: Transport;

beforeAll(async () => {
  lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 });
  await lab.writeConfig(join(folder, 'config'));
  const loaded = loadInventory({ folder: join(folder, 'config'), home: folder });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  inventory = loaded.inventory;
}, 60_000);
afterAll(async () => {
  await ssh.close();
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  // A transport of its own, so that no connection of the test before is warm and goes uncounted.
  ssh = createSsh2Transport({
    connectTimeoutMs: 3_000,
    idleCloseMs: 60_000,
    hmcSessions: 4,
    random: () => 'k'.repeat(32),
  });
});

async function surveyed(
  selectors: readonly string[],
  more: { deep?: boolean; fleet?: readonly KnownNode[]; diagnostic?: typeof rmc } = {},
): Promise<Surveyed & { connected: readonly string[] }> {
  const names = [...lab.nodes, ...lab.hmcs];
  const endpointOf = (name: string) => (lab.hmcs.includes(name) ? lab.hmc(name) : lab.node(name));
  const before = new Map(names.map((name) => [name, endpointOf(name).connections()]));
  const named = namedAlone(inventory, selectors);
  const targets = chooseNodes(inventory, selectors);
  const result = await survey(
    more.diagnostic ?? rmc,
    targets,
    { ssh, clock: Date.now },
    {
      nodesAtOnce: 8,
      mustLogIn: (target) => more.deep === true || targets.length === 1 || named.has(target.name),
      fleet: more.fleet ?? [],
    },
  );
  await ssh.close();
  const connected = names.filter((name) => endpointOf(name).connections() > (before.get(name) ?? 0));
  return { ...result, connected };
}

const shown = (verdicts: readonly Verdict[]) =>
  Object.fromEntries(verdicts.map(({ target, verdict, note }) => [target, [verdict, note ?? '']]));

describe('a sweep of the demo estate', () => {
  it('logs in only where the HMC does not prove how the LPAR is', async () => {
    const { verdicts, connected } = await surveyed(['all']);
    expect(connected).toEqual(['lpar2', 'lpar3', 'lpar4', 'lpar6', 'hmc1']);
    expect(lab.hmc('hmc1').connections()).toBeGreaterThan(0);
    expect(shown(verdicts)).toEqual({
      lpar1: ['ok', fromHmcOnly],
      lpar2: ['crit', ''],
      lpar3: ['crit', ''],
      lpar4: ['crit', ''],
      lpar5: ['warn', fromHmcOnly],
      lpar6: ['crit', ''],
      lpar7: ['ok', fromHmcOnly],
      // Its host key has changed, which only a login shows.
      lpar8: ['ok', fromHmcOnly],
      erp1: ['ok', fromHmcOnly],
      erp2: ['ok', fromHmcOnly],
    });
    expect(fromHmcOnly).toBe('seen from the HMC only (add --deep to log in)');
  }, 60_000);

  it('logs in to all of them when asked to', async () => {
    const { verdicts, connected } = await surveyed(['all'], { deep: true });
    expect(connected).toEqual(
      expect.arrayContaining(['lpar1', 'lpar2', 'lpar3', 'lpar4', 'lpar6', 'lpar7', 'lpar8', 'hmc1']),
    );
    expect(shown(verdicts)).toMatchObject({ lpar1: ['ok', ''], lpar7: ['ok', ''], lpar8: ['crit', ''] });
  }, 60_000);

  it.each([
    ['one LPAR by its name', ['lpar1'], ['lpar1', 'hmc1']],
    ['LPARs named one by one', ['lpar1', 'lpar7'], ['lpar1', 'lpar7', 'hmc1']],
    ['one LPAR beside its group', ['system:p10-b', 'lpar7'], ['lpar6', 'lpar7', 'hmc1']],
  ])(
    'reads both sides of %s',
    async (_what, selectors, expected) => {
      expect((await surveyed(selectors)).connected).toEqual(expected);
    },
    60_000,
  );

  it('logs in to an LPAR whose node id somebody else is known to have, and to the other one', async () => {
    const twin = {
      lparId: null,
      system: null,
      machine: null,
      addresses: [],
      readAt: new Date().toISOString(),
    };
    const nodeId = '1c0de0a511b20c01';
    const { verdicts, connected } = await surveyed(['all'], {
      fleet: [
        { ...twin, name: 'lpar1', nodeId, inCluster: false },
        { ...twin, name: 'lpar7', nodeId, inCluster: true },
      ],
    });
    // What was known of lpar7 was wrong: it is read again, and nothing is left of it.
    expect(connected).toEqual(expect.arrayContaining(['lpar1', 'lpar7']));
    expect(shown(verdicts)).toMatchObject({ lpar1: ['ok', ''], lpar7: ['ok', ''] });
  }, 60_000);

  it('finds two LPARs with one node id, and looks at the one that the HMC shows healthy', async () => {
    await lab.node('lpar2').setScenario({ subsystems: { ctrmc: 'inoperative' }, nodeId: '1c0de0a511b20c01' });
    const known: KnownNode = {
      name: 'lpar1',
      nodeId: '1c0de0a511b20c01',
      lparId: 3,
      system: 'p9-a',
      machine: null,
      addresses: [],
      readAt: '2026-01-01T00:00:00.000Z',
      inCluster: false,
    };
    const { verdicts, connected } = await surveyed(['all'], { fleet: [known] });
    await lab.node('lpar2').setScenario('ctrmc-stopped');
    expect(connected).toContain('lpar1');
    const twins = verdicts.filter((one) => one.findings.some((f) => f.id === 'rsct.node-id-duplicate'));
    expect(twins.map((one) => one.target)).toEqual(['lpar1', 'lpar2']);
  }, 60_000);

  it('does not ask the HMC for the RSCT level, and logs in to all', async () => {
    const { connected } = await surveyed(['system:p9-a'], { diagnostic: rsctLevel });
    expect(connected).toEqual(['lpar1', 'lpar2', 'lpar3', 'lpar4']);
  }, 60_000);
});

const exited = (stdout: string): Outcome => ({
  ended: 'exited',
  exitCode: 0,
  signal: null,
  stdout,
  stderr: '',
  durationMs: 1,
});

/** Answers as HMCs whose systems hold healthy LPARs; asked of a node it fails. Output reconstructed from the readers' samples. */
function hmcsOf(systems: readonly ManagedSystem[], lpars: number) {
  const asked: { target: string; command: string }[] = [];
  const serial = (at: number) => String(7_800_000 + at);
  const answer = (target: Target, command: ReadCommand): string => {
    asked.push({ target: target.name, command: renderCommand(command) });
    const [, kind, , name] = command.args;
    const rows = (text: (id: number, at: number) => string) =>
      systems.flatMap((_, at) => Array.from({ length: lpars }, (__, id) => text(id + 1, at))).join('\n');
    if (command.program === 'lspartition')
      return rows((id, at) => {
        const ip = `10.${at}.${Math.floor(id / 250)}.${id % 250}`;
        return `<#${at * lpars + id}> Partition:<${id}*9009-42A*${serial(at)}, , ${ip}>\n       Active:<1>, OS:<AIX, 7.2, 7200-05-06-2320>, DCaps:<0x2c5f>, CmdCaps:<0x4000001b, 0x1b>, PinnedMem:<1981>`;
      });
    if (command.program === 'lssysconn')
      return systems
        .map(
          (_, at) =>
            `resource_type=sys,type_model_serial_num=9009-42A*${serial(at)},sp=primary,sp_phys_loc=unavailable,ipaddr=10.9.0.${at + 1},alt_ipaddr=unavailable,state=Connected`,
        )
        .join('\n');
    if (kind === 'sys')
      return [
        'name,type_model,serial_num,state',
        ...systems.map((one, at) => `${one.hmcName},9009-42A,${serial(at)},Operating`),
      ].join('\n');
    if (kind === 'lpar') {
      const at = systems.findIndex((one) => one.hmcName === name);
      const fields = command.args[command.args.indexOf('-F') + 1] ?? '';
      const value = (field: string, id: number): string =>
        ({
          lpar_id: String(id),
          name: `lpar ${id}`,
          state: 'Running',
          rmc_state: 'active',
          rmc_ipaddr: `10.${at}.${Math.floor(id / 250)}.${id % 250}`,
          os_version: 'AIX 7.2 7200-05-06-2320',
          lpar_env: 'aixlinux',
        })[field] ?? '1';
      const lines = Array.from({ length: lpars }, (_, id) =>
        fields
          .split(',')
          .map((field) => value(field, id + 1))
          .join(','),
      );
      return [fields, ...lines].join('\n');
    }
    return '';
  };
  const transport: Transport = {
    read: async (target, commands) => {
      if (target.kind === 'node') throw new Error(`nobody should log in to ${target.name}`);
      await Promise.resolve();
      return commands.map((command) => exited(answer(target, command)));
    },
    change: () => Promise.reject(new Error('a sweep changes nothing')),
    script: () => Promise.reject(new Error('a sweep runs no script')),
    notUnderstood: () => undefined,
    identityOf: () => null,
    close: () => Promise.resolve(),
  };
  return { transport, asked };
}

const systemsOf = (count: number): ManagedSystem[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `p9-${at}`,
    hmcName: `Server-${at}`,
    hmc: { ...system.hmc, name: `hmc${at % 2}` },
  }));
const lparsOn = (systems: readonly ManagedSystem[], each: number): NodeTarget[] =>
  systems.flatMap((of) =>
    Array.from({ length: each }, (_, id) => ({
      ...lpar1,
      name: `${of.name}-${id + 1}`,
      system: of,
      lparId: id + 1,
    })),
  );

describe('a sweep of a large estate', () => {
  it('sees 1,000 LPARs on 20 systems by their two HMCs alone, each command once', async () => {
    const systems = systemsOf(20);
    const { transport, asked } = hmcsOf(systems, 50);
    const { seen } = await sweep(
      rmc,
      lparsOn(systems, 50),
      { ssh: transport, clock: Date.now },
      {
        nodesAtOnce: 32,
        mustLogIn: () => false,
      },
    );
    expect(seen).toHaveLength(1_000);
    expect(seen.every((one) => one.kind === 'hmc' && one.findings.length === 0)).toBe(true);
    const words = asked.map(({ target, command }) => `${target} ${command}`);
    expect(new Set(words).size).toBe(words.length);
    expect(words.filter((one) => one.includes('lspartition'))).toEqual([
      'hmc0 lspartition -dlpar',
      'hmc1 lspartition -dlpar',
    ]);
  }, 60_000);

  it('does not trust the HMC about an LPAR whose id the inventory does not name', async () => {
    const systems = systemsOf(1);
    const { transport } = hmcsOf(systems, 3);
    const targets = lparsOn(systems, 3).map((one) => ({ ...one, lparId: null }));
    const { seen } = await sweep(
      rmc,
      targets,
      { ssh: transport, clock: Date.now },
      {
        nodesAtOnce: 2,
        mustLogIn: () => false,
      },
    );
    expect(seen.every((one) => one.kind === 'both')).toBe(true);
  });
});
