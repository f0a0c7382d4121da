import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeTarget } from '../../../src/core/target.js';
import type { Verdict } from '../../../src/core/verdict.js';
import { loadInventory } from '../../../src/inventory/load.js';
import { survey } from '../../../src/run/survey.js';
import { rmc } from '../../../src/runbooks/diagnostics/rmc.js';
import type { Transport } from '../../../src/ssh/transport.js';
import { startLab } from '../../lab/lab.js';
import type { Lab } from '../../lab/lab.js';
import { transportWith } from '../../ssh/targets.js';

/** Every LPAR of the estate that stands for a row: its verdict, its root findings and what they suggest. */
const rows: readonly (readonly [node: string, verdict: string, roots: string, fixes: string])[] = [
  ['healthy', 'ok', '', ''],
  ['row01', 'warn', 'rmc.lpar-not-running', ''],
  ['row02', 'crit', 'rmc.system-disconnected', ''],
  ['row03', 'crit', 'rmc.hmc-views-disagree', 'hmc-rebuild-system'],
  ['row04', 'warn', 'rmc.limited-os', ''],
  ['row05', 'crit', 'rsct.not-installed', ''],
  ['row06', 'crit', 'rsct.level-too-old', ''],
  ['row06-apar', 'warn', 'rsct.level-too-old', ''],
  ['row06-below', 'ok', '', ''],
  ['row07', 'crit', 'rmc.daemon-down', 'rmc-restart'],
  ['row08', 'crit', 'rmc.ipv6-link-local-missing', 'rmc-ipv6-recovery rmc-own-image-recovery'],
  ['row08-own', 'crit', 'rmc.ipv6-link-local-missing', 'rmc-ipv6-recovery rmc-own-image-recovery'],
  ['row09-twin', 'crit', 'rsct.node-id-duplicate', ''],
  ['row09-clone', 'crit', 'rsct.node-id-duplicate', ''],
  ['row09-z', 'crit', 'rsct.node-id-duplicate', ''],
  ['row10', 'crit', 'rsct.node-id-mismatch', 'rsct-rebuild'],
  ['row10-missing', 'crit', 'rsct.node-id-mismatch', 'rsct-rebuild'],
  ['row11', 'crit', 'rmc.not-registered', 'rmc-refresh-domain rmc-restart'],
  ['row11-in-band', 'ok', '', ''],
  ['row12', 'crit', 'rmc.foreign-hmc', 'rmc-restart'],
  ['row12-dual', 'ok', '', ''],
  ['row13', 'crit', 'rmc.port-blocked', ''],
  ['row14', 'crit', 'rmc.heartbeat-down', ''],
  ['row15', 'crit', 'rmc.packet-size', ''],
  ['row16', 'crit', 'rmc.pending-authentication', 'rmc-restart'],
  ['row16-once', 'ok', '', ''],
  ['row17', 'crit', 'rmc.drm-down', 'rmc-restart'],
  ['row17-dcaps', 'crit', 'rmc.dlpar-not-capable', 'rmc-restart'],
  ['row18', 'crit', 'rmc.stale-hmc-entry', 'hmc-rebuild-system hmc-autocorrect'],
  ['row19', 'ok', '', ''],
  ['pvs-healthy', 'ok', '', ''],
];

const folder = mkdtempSync(join(tmpdir(), 'aixops-rows-judged-'));
const words = (text: string) => text.split(' ').filter((word) => word !== '');
let lab: Lab;
let transport: Transport;
const first = new Map<string, Verdict>();
const second = new Map<string, Verdict>();

beforeAll(async () => {
  lab = await startLab({ estate: 'rmc-rows', folder: join(folder, 'lab'), settleMs: 200 });
  const files = await lab.writeConfig(join(folder, 'config'));
  const loaded = loadInventory({ folder: dirname(files.inventory), home: folder });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  transport = transportWith();
  const named = new Set(rows.map(([name]) => name).concat('row09-z-clone'));
  const targets: NodeTarget[] = [...loaded.inventory.nodes.values()].filter(({ name }) => named.has(name));
  const tools = { ssh: transport, clock: () => Date.now() };
  const options = { nodesAtOnce: 4, fleet: [] };
  const once = await survey(rmc, targets, tools, options);
  for (const verdict of once.verdicts) first.set(verdict.target, verdict);
  // In the field the second look comes a minute later; the lab's pending handshake counts looks instead.
  const earlier = new Map(once.again.map((one) => [one.target.name, one]));
  const again = await survey(
    rmc,
    [...earlier.values()].map((one) => one.target),
    tools,
    { ...options, earlier },
  );
  for (const verdict of again.verdicts) second.set(verdict.target, verdict);
}, 180_000);

afterAll(async () => {
  await transport.close();
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

const verdictOn = (name: string) => second.get(name) ?? first.get(name);

describe('every row of the decision tree, read over SSH', () => {
  it.each(rows)('%s is %s: %s', (name, level, roots, suggested) => {
    const verdict = verdictOn(name);
    const found = verdict?.findings.filter((one) => one.follows === undefined && one.severity !== 'ok') ?? [];
    const said = JSON.stringify(
      verdict?.findings.map(({ id, title, observed }) => ({ id, title, observed })),
    );
    expect([verdict?.verdict, found.map((one) => one.id)], said).toEqual([level, words(roots)]);
    expect(found.flatMap((one) => one.fixes)).toEqual(words(suggested));
  });

  it('looks a second time at those that one look cannot tell, and at no other', () => {
    expect([...second.keys()].sort()).toEqual(['row16', 'row16-once']);
    expect(first.get('row16')?.verdict).toBe('warn');
    expect(first.get('row16-once')?.verdict).toBe('warn');
  });

  it('says what the dashboard shows for each LPAR of Power Virtual Server', () => {
    const said = (name: string) =>
      verdictOn(name)
        ?.findings.map((one) => one.observed)
        .join(' ') ?? '';
    expect(said('pvs-healthy')).toContain('shows health OK');
    expect(said('row08')).toContain('shows health Warning');
  });
});
