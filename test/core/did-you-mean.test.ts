import { expect, it } from 'vitest';
import { didYouMean } from '../../src/core/did-you-mean.js';

it.each([
  ['lpar7', ['lpar01', 'lpar07', 'vio1'], 'lpar07'],
  ['lapr1', ['lpar2', 'lpar1'], 'lpar1'],
  ['ERP1', ['erp1', 'erp2'], 'erp1'],
  ['rmc-statsu', ['rmc-fix', 'rmc-status'], 'rmc-status'],
  ['zzz', ['lpar1'], null],
  ['lpar1', [], null],
  ['', ['lpar1'], null],
])('for %j among %j suggests %j', (word, candidates, meant) => {
  expect(didYouMean(word, candidates)).toBe(meant);
});

it('takes the nearest, and of equally near ones the first', () => {
  expect(didYouMean('node3', ['node1', 'node2', 'nodes3'])).toBe('node1');
  expect(didYouMean('node33', ['node1', 'node3'])).toBe('node3');
});

it('is quick with a very long word', () => {
  expect(didYouMean('x'.repeat(100_000), ['x'.repeat(120)])).toBeNull();
});
