import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import {
  chooseClusters,
  chooseNodes,
  chooseSubjects,
  namedAlone,
  selectableNames,
} from '../../src/inventory/choose.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { readInventory } from '../../src/inventory/load.js';

const inventory = inventoryOf(`
hmcs: { hmc1: { host: h1 }, hmc2: { host: h2 } }
systems:
  p9-a: { hmc: hmc1, name: S1 }
  p9-b: { hmc: hmc1, name: S2 }
  p9-c: { hmc: hmc2, name: S3 }
nodes:
  lpar01: { host: a, system: p9-a, tags: { env: prod } }
  lpar07: { host: b, system: p9-b, tags: { env: test } }
  erp2: { host: c, system: p9-a, tags: { env: prod } }
  erp1: { host: d }
clusters: { erp: { nodes: [erp1, erp2] } }
`);

function inventoryOf(text: string): Inventory {
  const loaded = readInventory('inventory.yaml', text, { folder: '/', home: '/' });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  return loaded.inventory;
}

const names = (...selectors: string[]) => chooseNodes(inventory, selectors).map((node) => node.name);

function refusal(...selectors: string[]): UsageError {
  try {
    chooseNodes(inventory, selectors);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('who is named alone', () => {
  it.each([
    [
      ['lpar01', 'lpar07'],
      ['lpar01', 'lpar07'],
    ],
    [['all'], []],
    [['all', 'lpar07'], ['lpar07']],
    [['system:p9-a'], []],
    [['system:p9-b'], ['lpar07']],
    [['erp', 'erp1'], ['erp1']],
    [['tag:env=prod', 'tag:env=test'], ['lpar07']],
  ])('is by %j: %j', (selectors, expected) => {
    expect([...namedAlone(inventory, selectors)]).toEqual(expected);
  });
});

describe('choosing', () => {
  it.each([
    [['lpar07'], ['lpar07']],
    [['system:p9-a'], ['lpar01', 'erp2']],
    [['p9-a'], ['lpar01', 'erp2']],
    [['hmc:hmc1'], ['lpar01', 'lpar07', 'erp2']],
    [['hmc1'], ['lpar01', 'lpar07', 'erp2']],
    [['cluster:erp'], ['erp2', 'erp1']],
    [['erp'], ['erp2', 'erp1']],
    [['tag:env=prod'], ['lpar01', 'erp2']],
    [['all'], ['lpar01', 'lpar07', 'erp2', 'erp1']],
    [
      ['erp1', 'lpar01', 'lpar01', 'p9-a'],
      ['lpar01', 'erp2', 'erp1'],
    ],
  ])('%j means %j, each once and in the order of the inventory', (selectors, expected) => {
    expect(names(...selectors)).toEqual(expected);
  });

  it.each([
    ['lpar7', 'Unknown target "lpar7". Did you mean lpar07?', 'lpar07'],
    ['qqqqqq', 'Unknown target "qqqqqq".', null],
    ['system:p9-x', 'Unknown system "p9-x". Did you mean p9-a?', 'p9-a'],
    ['hmc:p9-a', 'Unknown hmc "p9-a".', null],
    ['tag:env=prdo', 'Unknown target "tag:env=prdo". Did you mean tag:env=prod?', 'tag:env=prod'],
    ['tag:constructor=x', 'Unknown target "tag:constructor=x".', null],
    ['tag:env', '"tag:env" is not a tag. Write tag:key=value.', 'tag:key=value'],
    ['p9-c', 'The inventory has no nodes on system p9-c.', null],
    ['frame:p9-a', 'Unknown target "frame:p9-a".', null],
    ['', 'Unknown target "".', null],
  ])('refuses %j in words', (selector, message, hint) => {
    const error = refusal('lpar01', selector);
    expect(error.message).toBe(message);
    expect(error.hint).toBe(hint);
  });

  it('wants at least one target, and says when there are none', () => {
    expect(refusal().message).toBe('Name at least one target.');
    expect(() => chooseNodes(inventoryOf(''), ['all'])).toThrow('The inventory has no nodes yet.');
  });

  it('lists what can be chosen, and everything listed that has nodes can be', () => {
    const listed = selectableNames(inventory);
    expect(listed).toContain('tag:env=prod');
    expect(new Set(listed).size).toBe(listed.length);
    for (const name of listed.filter((one) => !['system:p9-c', 'hmc:hmc2'].includes(one))) {
      expect(names(name).length).toBeGreaterThan(0);
    }
  });
});

describe('choosing clusters', () => {
  const two = inventoryOf(`
nodes:
  erp1: { host: a, tags: { env: prod } }
  erp2: { host: b }
  crm1: { host: c, tags: { env: prod } }
  lone: { host: d, tags: { env: test } }
clusters: { erp: { nodes: [erp1, erp2] }, crm: { nodes: [crm1] } }
`);
  const chosen = (...selectors: string[]) => chooseClusters(two, selectors).map(({ name }) => name);

  it.each([
    [['erp'], ['erp']],
    [['cluster:crm'], ['crm']],
    [['erp2'], ['erp']],
    [
      ['crm1', 'erp1', 'erp'],
      ['erp', 'crm'],
    ],
    [['tag:env=prod'], ['erp', 'crm']],
    [['all'], ['erp', 'crm']],
  ])('%j means %j, each once and in the order of the inventory', (selectors, expected) => {
    expect(chosen(...selectors)).toEqual(expected);
  });

  it('says of a node in no cluster that it is in none', () => {
    expect(() => chosen('lone')).toThrow(
      new UsageError('lone is in no cluster of the inventory. Its clusters: erp, crm.'),
    );
    expect(() => chosen('erp', 'tag:env=test')).toThrow('No node of tag:env=test is in a cluster');
    expect(() => chosen('epr')).toThrow('Did you mean erp');
    expect(() => chosen()).toThrow('Name at least one cluster.');
    expect(() => chooseClusters({ ...two, clusters: new Map() }, ['all'])).toThrow('no clusters yet');
  });

  it('is what a diagnostic of clusters asks for', () => {
    expect(
      chooseSubjects('cluster-diagnostic', two, ['erp1']).map(({ kind, name }) => `${kind} ${name}`),
    ).toEqual(['cluster erp']);
    expect(chooseSubjects('diagnostic', two, ['erp']).map(({ kind }) => kind)).toEqual(['node', 'node']);
  });
});
