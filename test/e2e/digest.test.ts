import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificatesOf } from '../../src/digest/marked.js';
import { broken, busy, quiet } from '../digest/days.js';
import { inDays, node, now, store, stored } from '../digest/examples.js';
import { browserPath, openBrowser, Person } from './browser.js';
import { openDigestBench, type DigestBench } from './digest-bench.js';

const clock = (): number => now + 60_000;
const isSkipped = browserPath === null && process.env['CI'] !== 'true';

describe.skipIf(isSkipped)('the digest in Slack', () => {
  let bench: DigestBench;
  let browser: Browser;
  let alice: Person;

  beforeAll(async () => {
    bench = await openDigestBench(clock);
    browser = await openBrowser();
    alice = await Person.enter(browser, bench.url, 'UALICE');
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await bench.stop();
  });

  it('is one line on a quiet day', async () => {
    const { edition, memory } = quiet();
    await bench.post({ edition: { ...edition, id: 'C0OPS-quiet' }, memory, moves: [] });
    await alice.sees([
      '222 certificates on 37 hosts checked, next expiry 2027-03-01',
      'Every target answered',
    ]);
    expect(await alice.page.locator('.thread-summary').count()).toBe(0);
    await alice.picture('digest-quiet');
  });

  it('says that nothing is known when nothing answers, and never that all is well', async () => {
    const { edition, memory } = broken();
    await bench.post({ edition: { ...edition, id: 'C0OPS-broken' }, memory, moves: [] });
    await alice.sees(['no host could be read', 'Not checked (23)']);
    await alice.picture('digest-broken');
  });

  it('on a busy day has counts and the worst above, and everything with buttons in the thread', async () => {
    await bench.post(busy());
    await alice.sees(['2 expired', 'Worst:', 'Not checked (1): lpar9']);
    await alice.picture('digest-busy');
    await alice.page.locator('.thread-summary').last().click();
    await alice.sees(['No owner', 'nobody is asked']);
    await alice.sees(['Needs attention']);
    const pane = alice.page.locator('.thread-pane');
    expect(await pane.locator('button.bk-button', { hasText: 'Acknowledge' }).count()).toBeGreaterThan(20);
    for (const [name, at] of [
      ['top', 0],
      ['middle', 0.5],
      ['bottom', 1],
    ] as const) {
      await pane
        .locator('.msg')
        .nth(Math.floor(at * ((await pane.locator('.msg').count()) - 1)))
        .scrollIntoViewIfNeeded();
      await alice.picture(`digest-thread-${name}`);
    }
  }, 60_000);

  it('takes an acknowledgement with a reason and a date, writes it down, and says who did it', async () => {
    const line = certificatesOf(busy().edition)[0];
    if (line === undefined) throw new Error('no line');
    await pressIn(line.name, 'Acknowledge');
    await alice.page.waitForSelector('.modal');
    await alice.picture('digest-acknowledge');
    await alice.page.fill('.modal .bk-plain-input', 'new one is ordered, ticket 4711');
    await alice.page.click('.modal .modal-btn.primary');
    await alice.page.waitForSelector('.modal', { state: 'detached' });
    await bench.deliver();
    await alice.sees(['Acknowledged by', '2026-12-05', 'ticket 4711']);
    const records = await bench.audit.read(0, 100);
    expect(records.filter(({ code }) => code === 'digest.marked')).toMatchObject([
      { actor: 'UALICE', detail: { act: 'acknowledge', what: '2026-12-05T23:59:59.000Z' } },
    ]);
    await alice.picture('digest-acknowledged');
  }, 60_000);

  it('snoozes, assigns an owner and shows details', async () => {
    const name = 'erp cluster';
    await pressIn(name, 'Snooze');
    await alice.page.waitForSelector('.modal');
    await alice.picture('digest-snooze');
    await alice.page.click('.modal .modal-btn.primary');
    await alice.page.waitForSelector('.modal', { state: 'detached' });
    await bench.deliver();
    await alice.sees(['Snoozed by', '2026-11-24']);
    await pressIn(name, 'Assign owner');
    await alice.page.waitForSelector('.modal');
    await alice.picture('digest-assign');
    await alice.page.selectOption('.modal select.bk-select', 'me');
    await alice.page.click('.modal .modal-btn.primary');
    await alice.page.waitForSelector('.modal', { state: 'detached' });
    await bench.deliver();
    await alice.sees(['Owner is now']);
    await pressIn(name, 'Details');
    await alice.page.waitForSelector('.modal');
    await alice.picture('digest-details');
    await alice.page.locator('.modal .modal-btn', { hasText: 'Close' }).click();
  }, 60_000);

  it('reads a host again at a click, and says what it holds now', async () => {
    await pressIn('No owner', 'Recheck now');
    await expect.poll(() => bench.queued.map(({ name }) => name)).toContain('recheck-certificates');
    await bench.deliver();
    await alice.sees(['Being read again for']);
    const renewed = stored({ name: '<!channel> *x* `y` https://evil.example', until: inDays(400) });
    await bench.recheck([node('lpar1', [store('/etc/hostile.pem', [renewed])])]);
    await alice.sees(['renewed in its place, now ends 2027-12-26 UTC']);
    await alice.picture('digest-rechecked');
  }, 60_000);

  it('asks for clcomd of the cluster where a certificate is one of a cluster', async () => {
    await pressIn('erp cluster', 'Diagnose clcomd');
    await expect.poll(() => bench.queued.map(({ name }) => name)).toContain('diagnose');
    await bench.deliver();
    await alice.picture('digest-clcomd');
  }, 60_000);

  /** Presses the first button of that name in the message of the thread that holds a text. */
  async function pressIn(text: string, label: string): Promise<void> {
    const withButton = alice.page.locator('button.bk-button', { hasText: label });
    const message = alice.page.locator('.thread-pane .msg', { hasText: text, has: withButton }).first();
    await message.locator('button.bk-button', { hasText: label }).first().click({ timeout: 10_000 });
  }
});
