import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busyWeek, changeIn } from '../approval/many-changes.js';
import { browserPath, openBrowser, Person } from './browser.js';
import { openChangesBench, type ChangesBench } from './changes-bench.js';

const withoutBrowser = browserPath === null && process.env['CI'] !== 'true';

describe.skipIf(withoutBrowser)('changes and the Home tab in a browser', () => {
  let bench: ChangesBench;
  let browser: Browser;
  let alice: Person;
  let bob: Person;

  beforeAll(async () => {
    bench = await openChangesBench();
    browser = await openBrowser();
    alice = await Person.enter(browser, bench.slack.url, 'UALICE');
    bob = await Person.enter(browser, bench.slack.url, 'UBOB');
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await bench.stop();
  }, 60_000);

  it('says what to do where there is no change, and on a Home tab on which nothing waits', async () => {
    await alice.type('/changes');
    await alice.sees(['There is no change yet', '/rmc-fix']);
    await alice.picture('changes-1-empty');
    await bob.openHome();
    await bob.seesHome(['Nothing waits for you, and nothing runs']);
    await bob.picture('home-1-empty');
  }, 60_000);

  it('lists many changes by pages, open ones first, and opens one with its output harmless', async () => {
    const now = Date.now();
    for (const change of busyWeek(34, now)) {
      await bench.shared.changes.create(change);
      if (['running', 'waiting', 'verifying', 'unknown'].includes(change.state))
        await bench.shared.locks.take(change.plan.locks, change.id);
    }
    await alice.type('/changes');
    await alice.sees(['34 changes, 1 to 10', 'Approval needed', 'Locked:']);
    await alice.picture('changes-2-busy');
    await alice.press('Older ▸');
    await alice.sees(['34 changes, 11 to 20']);
    await alice.press('Older ▸');
    await alice.sees(['34 changes, 21 to 30', 'Done and verified']);
    await alice.picture('changes-3-third-page');
    await alice.press('◂ Back');
    await alice.sees(['34 changes, 11 to 20']);

    await alice.type('/changes lpar1 --state failed');
    await alice.sees(['for /changes lpar1 --state failed', 'Failed', 'lpar1']);
    await alice.press('Details');
    await alice.page.waitForSelector('.modal');
    const modal = alice.page.locator('.modal');
    await modal.getByText('Ended with exit status 1').first().waitFor();
    await alice.picture('changes-4-details');
    const text = (await modal.textContent()) ?? '';
    expect(text).toContain('<!channel>');
    expect(text).not.toContain('hunter2secret');
    await modal.locator('button.bk-button', { hasText: 'Whole record as a file' }).click();
    await modal.getByText('The whole record is a file').waitFor();
    await alice.pictureOfModal('changes-5-details-end');
    await alice.page.click('.modal .modal-x');
    await alice.type('/changes lpar9');
    await alice.sees(['Unknown target "lpar9"', 'Did you mean lpar1']);
    await alice.type('/changes locks');
    await alice.sees(['locks', 'node:lpar1', 'is held by change']);
    await alice.picture('changes-6-locks');
  }, 60_000);

  it('gives each person the buttons that are theirs, and draws anew what came of them', async () => {
    const mine = changeIn('c-home', { state: 'proposed', createdMs: Date.now() });
    await bench.shared.changes.create(mine);
    await bob.openChannel();
    await bob.openHome();
    await bob.seesHome([
      'Waits for your approval',
      'Restart RMC on lpar1',
      'Outcome unknown',
      'Runs now',
      'Locked:',
    ]);
    await bob.pictureOfHome('home-2-busy');
    await alice.openHome();
    await alice.seesHome(['You asked for it, others decide', 'Waits for your hands']);
    expect(await alice.buttons('Approve')).toBe(0);
    await alice.pictureOfHome('home-3-of-who-asked');
    await bob.press('Approve', 10_000, 'first');
    await bob.seesHome(['»', 'Approved']);
    await bob.pictureOfHome('home-4-approved');
    await expect.poll(async () => (await bench.shared.changes.get('c-home'))?.state).toBe('approved');
    const trail = await bench.shared.audit.history('c-home', 5);
    expect(trail).toMatchObject([{ code: 'change.decided', actor: 'UBOB' }]);
  }, 60_000);

  it('shows a freeze on the list and on every Home tab, and releases a lock with a reason', async () => {
    const lost = changeIn('c-lost', { state: 'unknown', target: 'pvs1', createdMs: Date.now() });
    await bench.shared.changes.create(lost);
    await bench.shared.locks.take(['system:p9-b'], lost.id);
    await bob.openChannel();
    await bob.type('/changes release system:p9-b');
    await bob.sees(['A reason is needed']);
    await bob.type('/changes release system:p9-b The worker is gone, and pvs1 was looked at.');
    await bob.sees(['Lock system:p9-b of change c-lost is released']);
    expect(await bench.shared.locks.held()).not.toContainEqual({ key: 'system:p9-b', holder: lost.id });
    await bob.type('/changes freeze on Quarter end, until Monday');
    await expect
      .poll(async () => (await bench.shared.calm.freeze())?.reason)
      .toBe('Quarter end, until Monday');
    await alice.openChannel();
    await alice.type('/changes pvs1 --state unknown');
    await alice.sees([
      'All changes are frozen',
      'Quarter end, until Monday',
      'for /changes pvs1 --state unknown',
    ]);
    await bob.openHome();
    await bob.seesHome(['All changes are frozen', 'Quarter end']);
    await bob.picture('home-5-frozen');
  }, 60_000);
});
