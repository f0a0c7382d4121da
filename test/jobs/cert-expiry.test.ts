import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certExpiry } from '../../jobs/cert-expiry.js';
import type { Tools } from '../../jobs/tools.js';
import { workerTools } from '../../src/compose.js';
import type { Request } from '../../src/core/request.js';
import { declaresCertificates } from '../../src/core/target.js';
import { log, openWorkbench, type Workbench } from './workbench.js';
import { requestIn, textIn } from './stored.js';

describe('/cert-expiry on the simulated estate', () => {
  let bench: Workbench;

  beforeAll(async () => {
    bench = await openWorkbench();
  }, 60_000);
  afterAll(async () => {
    await bench.tools.certificates.close();
    await bench.stop();
  });

  const never = new AbortController().signal;
  const origin = { teamId: 'T0', channel: 'C0OPS', user: 'UALICE', threadTs: null };
  const wish = { job: 'cert-expiry', targets: ['all'], withinDays: 90 } as const;
  const get = (id: string): Promise<Request> => requestIn(bench.shared, id);
  const cardOf = (id: string): Promise<string> => textIn(bench.shared, `request:${id}`);

  /** A worker's tools that wait for a login longer than the test takes. */
  const patientTools = (): Tools => {
    const { config } = bench.settings;
    const ssh = { ...config.ssh, connectTimeoutSeconds: 120 };
    const settings = { ...bench.settings, config: { ...config, ssh } };
    return workerTools(settings, bench.shared, () => false, log);
  };

  it('puts the digest in place of the card, over SSH, and counts no day as posted', async () => {
    const { id } = await bench.desk.submit(wish, '/cert-expiry', origin);
    await certExpiry(id, bench.tools, never);
    const text = await cardOf(id);
    expect(text).toMatch(/certificates? on \d+ hosts? checked/);
    expect(text).toContain('expired');
    const edition = await bench.shared.digest.edition(id);
    expect(edition?.checked.certificates).toBeGreaterThan(0);
    expect(edition?.lines.some((line) => line.kind === 'certificate' && line.isClusterSecurity)).toBe(true);
    expect(await bench.shared.digest.lastPosted('C0OPS')).toBeNull();
    const { phase, done, total } = await get(id);
    expect({ phase, done }).toEqual({ phase: 'done', done: total });
  }, 60_000);

  it('tells on its card how many nodes were read, and posts nothing when somebody stops it', async () => {
    const { id, total } = await bench.desk.submit(wish, '/cert-expiry', origin);
    await bench.shared.requests.begin(id);
    const tools = patientTools();
    const silent = tools.chooseNodes(['all']).find(declaresCertificates);
    const node = bench.lab.node(silent?.name ?? '');
    await node.setSsh('silent');
    try {
      const ended = certExpiry(id, tools, never);
      await expect.poll(async () => (await get(id)).done, { timeout: 30_000 }).toBe(total - 1);
      expect(await cardOf(id)).toContain(`${total - 1} of ${total} done`);
      expect(await bench.desk.stopReading(id, { user: 'UBOB', channel: 'C0OPS' })).toMatchObject({
        kind: 'done',
      });
      await ended;
      expect(await get(id)).toMatchObject({ phase: 'stopped', done: total - 1, stopped: { by: 'UBOB' } });
      expect(await cardOf(id)).toContain(`after ${total - 1} of ${total} nodes: no digest is made.`);
      expect(await bench.shared.digest.edition(id)).toBeNull();
      // Its worker was killed, and another one takes the job up: it stays stopped.
      await certExpiry(id, tools, never);
      expect((await get(id)).phase).toBe('stopped');
    } finally {
      await node.setSsh('normal');
      await tools.ssh.close();
      await tools.certificates.close();
    }
  }, 60_000);

  it('is not stopped any more once everything is read', async () => {
    const { id } = await bench.desk.submit(wish, '/cert-expiry', origin);
    await bench.shared.requests.begin(id);
    await certExpiry(id, bench.tools, never);
    expect(await bench.desk.stopReading(id, { user: 'UBOB', channel: 'C0OPS' })).toMatchObject({
      kind: 'refused',
    });
    expect(await bench.shared.requests.stop(id, { by: 'UBOB', at: '', newer: null })).toBe('ended');
  }, 60_000);
});
