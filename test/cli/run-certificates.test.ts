import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.js';
import { aixops, type Ended } from './aixops.js';
import { startEstate, type TestEstate } from './estate.js';

let estate: TestEstate;
beforeAll(async () => {
  estate = await startEstate();
});
afterAll(() => estate.stop());

const run = (config: string, ...args: string[]): Promise<Ended> =>
  aixops(['run', '--config', config, 'certificates', ...args]);

describe('run certificates', { timeout: 60_000 }, () => {
  it('tells when the certificates of each node expire, by the status of the worst', async () => {
    const { code, stdout } = await run(estate.config, 'lpar1', 'lpar2', 'lpar4', '--json');
    expect(code).toBe(2);
    const verdicts = JSON.parse(stdout) as Verdict[];
    expect(verdicts.map(({ target, verdict }) => `${target} ${verdict}`)).toEqual([
      'lpar1 crit',
      'lpar2 ok',
      'lpar4 ok',
    ]);
    expect(verdicts[0]?.findings).toMatchObject([{ id: 'cert.expiring', severity: 'crit' }]);
    expect(verdicts[1]?.note).toMatch(
      /^1 certificate read, the next expires on \d{4}-\d\d-\d\d, in 7\d days$/,
    );
    expect(verdicts[2]?.note).toMatch(/^no certificates are declared for lpar4/);
  });

  it('says of what is declared and not there that it has disappeared, and of an unreached node that it was not read', async () => {
    const changed = estate.copy(({ nodes }) => {
      Object.assign(nodes['lpar2'] ?? {}, { certificates: ['/etc/tls/gone.pem'] });
      Object.assign(nodes['lpar1'] ?? {}, { port: 1 });
    });
    const gone = await run(changed, 'lpar2');
    expect(gone.code).toBe(1);
    expect(gone.stdout).toMatch(/^warn +lpar2 +\/etc\/tls\/gone\.pem is declared and not there on lpar2/);
    const lost = await run(changed, 'lpar1');
    expect(lost.code).toBe(3);
    expect(lost.stdout).toMatch(/^unknown lpar1 +lpar1 was not reached, so its certificates were not read\./);
  });
});
