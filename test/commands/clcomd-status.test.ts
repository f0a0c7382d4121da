import { describe, expect, it } from 'vitest';
import { clcomdStatus } from '../../commands/clcomd-status.js';
import { clustersToFix } from '../../commands/fix-arguments.js';
import { commands, matching, parseArguments } from '../../commands/index.js';
import { smallEstate } from './small-estate.js';

const vocabulary = smallEstate();
const parsed = (text: string) => parseArguments(clcomdStatus, text, vocabulary);

describe('/clcomd-status', () => {
  it('is registered, and asks for the clcomd diagnostic of a cluster', () => {
    expect(commands).toContain(clcomdStatus);
    expect(parsed('erp')).toMatchObject({
      kind: 'request',
      wish: { job: 'diagnose', diagnostic: 'clcomd', targets: ['cluster:erp'] },
    });
  });

  it.each(['erp-db1', 'node:erp-db1', 'ERP', 'cluster:erp', 'Erp-db1'])(
    'takes %s for its cluster',
    (word) => {
      expect(parsed(word)).toMatchObject({ kind: 'request', wish: { targets: ['cluster:erp'] } });
    },
  );

  it('takes all for every cluster', () => {
    expect(parsed('All')).toMatchObject({ kind: 'request', wish: { targets: ['all'] } });
  });

  it('says of a node in no cluster that it is in none, and which clusters there are', () => {
    expect(JSON.stringify(parsed('lpar1'))).toContain(
      'lpar1 is in no cluster of the inventory. Its clusters: erp.',
    );
    expect(JSON.stringify(parsed('tag:env=test'))).toContain('No node of tag:env=test is in a cluster');
  });

  it('asks whether a near name was meant', () => {
    expect(JSON.stringify(parsed('erpp'))).toContain('Did you mean erp?');
  });

  it('offers clusters first, and then their nodes', () => {
    const choices = clcomdStatus.args['clusters']?.choices(vocabulary) ?? [];
    expect(choices.map(({ word }) => word)).toEqual(['erp', 'erp-db1']);
    expect(matching(choices, 'erp-', 10)[0]?.word).toBe('erp-db1');
  });
});

describe('one cluster', () => {
  it('is understood by its name and by a node', () => {
    expect(clustersToFix().read(['erp-db1'], vocabulary)).toEqual({
      kind: 'understood',
      value: { kind: 'one', name: 'erp' },
      typed: ['erp'],
    });
    expect(clustersToFix().read(['lpar2'], vocabulary).kind).toBe('not-understood');
  });
});
