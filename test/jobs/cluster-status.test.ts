import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../jobs/diagnose.js';
import { cardKeyOf } from '../../jobs/show.js';
import type { Origin, Request } from '../../src/core/request.js';
import { openWorkbench, type Workbench } from './workbench.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench('clusters');
}, 60_000);
afterAll(async () => {
  await bench.stop();
});

const alice: Origin = { teamId: 'T1', channel: 'C1', user: 'UALICE', threadTs: null };

async function ask(targets: readonly string[]): Promise<Request> {
  const wish = { job: 'diagnose', diagnostic: 'clcomd', targets } as const;
  const { id } = await bench.desk.submit(wish, `/clcomd-status ${targets.join(' ')}`, alice);
  const { signal } = new AbortController();
  // As the queue does: every try of every pair listens to it.
  setMaxListeners(0, signal);
  await diagnose(id, bench.tools, signal);
  const request = await bench.shared.requests.get(id);
  if (request === null) throw new Error('the request is gone');
  return request;
}

async function contentOf(key: string) {
  return (await bench.shared.outbox.get(key))?.content;
}

describe('/clcomd-status', { timeout: 60_000 }, () => {
  it('posts one verdict of the whole cluster with the matrix, for a node’s name too, and offers the fix', async () => {
    await bench.lab.node('erp2').setScenario('rhosts-empty');
    const request = await ask(['erp2']);
    expect(request).toMatchObject({ phase: 'done', total: 1, done: 1 });
    expect(request.verdicts.map(({ target, verdict }) => [target, verdict])).toEqual([['erp', 'crit']]);
    expect(request.offers.map(({ fix, target }) => [fix, target])).toEqual([['clcomd-rhosts', 'erp']]);
    const card = await contentOf(cardKeyOf(request));
    expect(JSON.stringify(card)).toContain('erp1       ✓ 3/3  ✗ 0/3');
    expect(card?.kind === 'message' ? card.message.text : '').toContain('erp1 to erp2 0 of 3');
    const detail = await contentOf(`${cardKeyOf(request)}:target:erp`);
    expect(JSON.stringify(detail)).toContain('Cause found: /etc/cluster/rhosts is wrong on erp2.');
  });

  it('has the whole end of clcomd’s log in a file in the thread where the cause is open', async () => {
    await bench.lab.node('erp2').setScenario('pair-blocked');
    for (let i = 0; i < 3; i += 1) await ask(['erp']);
    const request = await ask(['erp']);
    const file = await contentOf(`${cardKeyOf(request)}:target:erp:file`);
    expect(file?.kind === 'file' ? file.file.content : '').toMatch(
      /# \/usr\/bin\/tail -100 \/var\/hacmp\/clcomd\/clcomd\.log on erp1\n.*\n/,
    );
  });

  it('judges every cluster for all, one verdict each', async () => {
    await bench.lab.cluster('erp').setScenario('healthy');
    const request = await ask(['all']);
    expect(request.total).toBe(2);
    expect(request.verdicts.map(({ target, verdict }) => `${target} ${verdict}`).sort()).toEqual([
      'crm ok',
      'erp ok',
    ]);
  });
});
