import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certExpiry } from '../../jobs/cert-expiry.js';
import { openWorkbench, type Workbench } from './workbench.js';

describe('/cert-expiry on the simulated estate', () => {
  let bench: Workbench;

  beforeAll(async () => {
    bench = await openWorkbench();
  }, 60_000);
  afterAll(async () => {
    await bench.tools.certificates.close();
    await bench.stop();
  });

  it('puts the digest in place of the card, over SSH, and counts no day as posted', async () => {
    const origin = { teamId: 'T0', channel: 'C0OPS', user: 'UALICE', threadTs: null };
    const wish = { job: 'cert-expiry', targets: ['all'], withinDays: 90 } as const;
    const { id } = await bench.desk.submit(wish, '/cert-expiry', origin);
    await certExpiry(id, bench.tools, new AbortController().signal);
    const card = await bench.shared.outbox.get(`request:${id}`);
    const text = card?.content.kind === 'message' ? card.content.message.text : '';
    expect(text).toMatch(/certificates? on \d+ hosts? checked/);
    expect(text).toContain('expired');
    const edition = await bench.shared.digest.edition(id);
    expect(edition?.checked.certificates).toBeGreaterThan(0);
    expect(edition?.lines.some((line) => line.kind === 'certificate' && line.isClusterSecurity)).toBe(true);
    expect(await bench.shared.digest.lastPosted('C0OPS')).toBeNull();
    expect((await bench.shared.requests.get(id))?.phase).toBe('done');
  }, 60_000);
});
