import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadEstate } from './estate.js';
import { loadScenario, scenarioOf } from './scenario.js';

const names = readdirSync(new URL('./scenarios', import.meta.url)).map((file) => file.replace(/\.json$/, ''));

describe('scenario files', () => {
  it.each(names)('%s is complete and says what it is about', (name) => {
    expect(loadScenario(name).about).not.toBe('');
  });

  it('refuses a name that could leave the folder', () => {
    expect(() => loadScenario('../estate/demo')).toThrow(TypeError);
  });

  it('refuses a misspelt key', () => {
    expect(() => scenarioOf({ regstered: false } as never)).toThrow(/regstered/);
  });
});

describe('the demo estate', () => {
  const estate = loadEstate('demo');

  it('has eight LPARs on two systems of one HMC and a cluster of two on a third, each with a scenario that exists', () => {
    expect(Object.keys(estate.hmcs)).toHaveLength(1);
    expect(Object.keys(estate.systems)).toHaveLength(3);
    expect(Object.keys(estate.nodes)).toHaveLength(10);
    expect(Object.values(estate.clusters).map(({ nodes }) => nodes)).toEqual([['erp1', 'erp2']]);
    for (const node of Object.values(estate.nodes)) expect(names).toContain(node.scenario);
  });

  it('refuses an address outside loopback', () => {
    const node = { ...estate.nodes['lpar1']!, address: '10.0.0.1' };
    expect(() => loadEstate({ ...estate, nodes: { lpar1: node } })).toThrow(/loopback/);
  });

  it('refuses a node on a system that does not exist', () => {
    const node = { ...estate.nodes['lpar1']!, system: 'p11' };
    expect(() => loadEstate({ ...estate, nodes: { lpar1: node } })).toThrow(/no system p11/);
  });
});

describe('the demo estate with Power Virtual Server', () => {
  it('is the demo without its cluster, and two more LPARs', () => {
    const { nodes } = loadEstate('demo-powervs');
    const demo = Object.entries(loadEstate('demo').nodes).filter(([name]) => name.startsWith('lpar'));
    expect(nodes).toMatchObject(Object.fromEntries(demo));
    expect(Object.values(nodes).filter(({ platform }) => platform === 'powervs')).toHaveLength(2);
    for (const node of Object.values(nodes)) expect(names).toContain(node.scenario);
  });
});
