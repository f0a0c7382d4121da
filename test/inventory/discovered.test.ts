import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HmcRow } from '../../src/hmc/lssyscfg.js';
import { discoveredYaml, type DiscoveredSystem } from '../../src/inventory/discovered.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { readInventory } from '../../src/inventory/load.js';

function inventoryOf(text: string): Inventory {
  const loaded = readInventory('inventory.yaml', text, { folder: '/', home: '/' });
  if (loaded.kind === 'problems') throw new Error(`${text}\n${JSON.stringify(loaded.problems, null, 1)}`);
  return loaded.inventory;
}

const hmcs = 'hmcs: { hmc1: { host: 127.0.0.5 } }\n';
const empty = inventoryOf(hmcs);

/** Invented rows in the shape that `lssyscfg -r lpar -F …` gives. */
const lpar = (lparId: number, name: string, more: HmcRow = {}): HmcRow => ({
  lpar_id: String(lparId),
  name,
  state: 'Running',
  rmc_state: 'active',
  rmc_ipaddr: `10.20.0.${lparId}`,
  os_version: 'AIX 7.2 7200-05-06-2320',
  lpar_env: 'aixlinux',
  ...more,
});
const p9 = (...lpars: readonly HmcRow[]): DiscoveredSystem => ({
  hmcName: 'Server-9009-42A-SN7800001',
  state: 'Operating',
  lpars,
});

const discovered = (systems: readonly DiscoveredSystem[], inventory = empty) => {
  const yaml = discoveredYaml('hmc1', systems, inventory);
  return { yaml, nodes: [...inventoryOf(hmcs + yaml).nodes.values()] };
};

describe('what an HMC knows', () => {
  it('is an inventory of its systems and LPARs', () => {
    const { nodes } = discovered([
      p9(lpar(3, 'erp1'), lpar(1, 'vios1', { lpar_env: 'vioserver', os_version: 'VIOS 3.1.4.10' })),
    ]);
    expect(
      nodes.map((node) => [node.name, node.endpoint.host, node.lparId, node.system?.hmcName, node.tags]),
    ).toEqual([
      ['erp1', '10.20.0.3', 3, 'Server-9009-42A-SN7800001', {}],
      ['vios1', '10.20.0.1', 1, 'Server-9009-42A-SN7800001', { role: 'vios' }],
    ]);
  });

  it.each([
    ['does not run', { state: 'Not Activated', rmc_state: 'inactive' }],
    ['is not connected', { rmc_state: 'inactive' }],
    ['has no address', { rmc_ipaddr: '' }],
    ['has an address that is none', { rmc_ipaddr: 'x; rm -rf /' }],
  ])('has only a comment for an LPAR that %s, without its last address', (_why, more) => {
    const { yaml, nodes } = discovered([p9(lpar(3, 'erp1', more))]);
    expect(nodes).toEqual([]);
    expect(yaml).toMatch(/^ {2}# erp1: \{ host: ADDRESS, system: Server-9009-42A-SN7800001, lparId: 3 \}/m);
    expect(yaml).not.toContain('10.20.0.3');
    expect(yaml).not.toContain('rm -rf');
  });

  it('has only a comment for other operating systems', () => {
    const { yaml, nodes } = discovered([
      p9(
        lpar(3, 'lnx', { os_version: 'Linux/SuSE 5.3' }),
        lpar(4, 'i5', { lpar_env: 'os400' }),
        lpar(5, 'pl', { os_version: 'Nieznane' }),
      ),
    ]);
    expect(nodes.map((node) => node.name)).toEqual(['pl']);
    expect(yaml).toContain('# LPAR 3, lnx: Linux/SuSE 5.3');
    expect(yaml).toContain('# LPAR 4, i5: IBM i');
  });

  it('gives every LPAR a name that can be typed, and tells the one on the HMC', () => {
    const rows = [
      lpar(3, 'prod db, 01'),
      lpar(4, 'prod-db-01'),
      lpar(5, 'all'),
      lpar(6, 'hmc1'),
      lpar(7, '---'),
    ];
    const { yaml, nodes } = discovered([p9(...rows)]);
    expect(nodes.map((node) => node.name)).toEqual([
      'prod-db-01',
      'prod-db-01-2',
      'lpar-all',
      'hmc1-2',
      'lpar',
    ]);
    expect(yaml).toContain('# on the HMC: prod db, 01');
  });

  it('leaves out what the inventory has already, under whatever name', () => {
    const known = inventoryOf(
      `${hmcs}systems: { p9-a: { hmc: hmc1, name: Server-9009-42A-SN7800001 } }\nnodes: { db: { host: 127.0.0.3, system: p9-a, lparId: 3 } }`,
    );
    const yaml = discoveredYaml('hmc1', [p9(lpar(3, 'erp1'), lpar(4, 'erp2'))], known);
    expect(yaml).toContain('# p9-a: in the inventory already');
    expect(yaml).toContain('# db: in the inventory already (LPAR 3)');
    expect(yaml).toMatch(/^ {2}erp2: \{ host: "10\.20\.0\.4", system: p9-a, lparId: 4 \}$/m);
    expect(yaml).toContain('systems: {}');
  });

  it('says which LPARs were not read, and why', () => {
    const { yaml, nodes } = discovered([{ ...p9(), lpars: { unread: 'HSCL8018 no\nsuch system' } }]);
    expect(nodes).toEqual([]);
    expect(yaml).toContain('its LPARs were not read: HSCL8018 no such system');
  });

  it('is an inventory whatever an HMC calls its LPARs and systems', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    const row = fc.record({ id: fc.integer({ min: 1, max: 999 }), name: text, state: text, os: text });
    fc.assert(
      fc.property(
        fc.uniqueArray(text, { maxLength: 3 }),
        fc.uniqueArray(row, { selector: (one) => one.id, maxLength: 8 }),
        (names, rows) => {
          const lpars = rows.map(({ id, name, state, os }, at) =>
            lpar(id, name, at % 2 === 0 ? { os_version: os } : { state, rmc_ipaddr: name }),
          );
          const yaml = discoveredYaml(
            'hmc1',
            names.map((hmcName) => ({ hmcName, state: 'Operating', lpars })),
            empty,
          );
          const loaded = readInventory('inventory.yaml', hmcs + yaml, { folder: '/', home: '/' });
          if (loaded.kind === 'problems')
            // A name that the schema does not take for a system is the one thing that may be wrong.
            expect(loaded.problems.every((one) => one.key.endsWith('.name'))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
