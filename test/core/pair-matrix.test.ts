import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixLines, matrixSentence, type PairMatrix } from '../../src/core/pair-matrix.js';

const three: PairMatrix = {
  nodes: ['erp1', 'erp2', 'erp3'],
  rounds: 3,
  answered: [
    [3, 0, 3],
    [2, 3, null],
    [3, 0, 3],
  ],
};

describe('the matrix as text', () => {
  it('has a row for each caller and a column for each node that is called', () => {
    expect(matrixLines(three)).toEqual([
      'from \\ to  erp1   erp2   erp3',
      'erp1       ✓ 3/3  ✗ 0/3  ✓ 3/3',
      'erp2       ~ 2/3  ✓ 3/3  ?',
      'erp3       ✓ 3/3  ✗ 0/3  ✓ 3/3',
    ]);
  });

  it('never takes what was not tried for an answer', () => {
    const nothing = { ...three, answered: three.nodes.map(() => [null, null, null]) };
    expect(matrixLines(nothing).join('\n')).not.toMatch(/[✓~✗]/);
    expect(matrixSentence(nothing)).toContain('no pair answered every time');
  });

  it('cuts long names so that they can still be told apart', () => {
    const nodes = [
      'production-database-node-01',
      'production-database-node-02',
      'production-x-atabase-node-02',
    ];
    const rows = matrixLines({ ...three, nodes });
    expect(new Set(rows.slice(1).map((row) => row.split('  ')[0])).size).toBe(3);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(70);
  });

  it('numbers the columns of a large cluster', () => {
    const nodes = Array.from({ length: 16 }, (_, at) => `crm-node-${at + 1}`);
    const rows = matrixLines({ nodes, rounds: 3, answered: nodes.map(() => nodes.map(() => 3)) });
    expect(rows[0]).toMatch(/^from \\ to +1 {3}2 /);
    expect(rows[16]).toMatch(/^16 crm-node-16 {2}✓ /);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(80);
  });

  it('is as many aligned lines as there are nodes, whatever they are called', () => {
    const matrix = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), {
      minLength: 1,
      maxLength: 16,
    });
    fc.assert(
      fc.property(matrix, (nodes) => {
        const rows = matrixLines({ nodes, rounds: 3, answered: nodes.map(() => nodes.map(() => 3)) });
        expect(rows).toHaveLength(nodes.length + 1);
        for (const row of rows) expect(row).not.toMatch(/[\u0000-\u001f]/);
      }),
    );
  });
});

describe('the matrix as a sentence', () => {
  it('names the pairs that did not always answer, and counts the others', () => {
    expect(matrixSentence(three)).toBe(
      'clrsh, 3 tries of each pair: erp1 to erp2 0 of 3; erp2 to erp1 2 of 3; erp2 to erp3 not tried; erp3 to erp2 0 of 3; the other 5 answered every time.',
    );
  });

  it('says that all is well where it is', () => {
    const well = { ...three, answered: three.nodes.map(() => [3, 3, 3]) };
    expect(matrixSentence(well)).toBe('clrsh, 3 tries of each pair: all 9 pairs answered every time.');
  });
});
