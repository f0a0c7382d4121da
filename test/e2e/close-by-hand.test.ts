import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type Demo } from '../lab/demo.js';
import { freePort } from '../lab/redis-server.js';
import { browserPath, openBrowser, Person } from './browser.js';

const program = new URL('../../dist/src/aixops.js', import.meta.url).pathname;
const withoutBrowser = browserPath === null && process.env['CI'] !== 'true';

describe.skipIf(withoutBrowser)('a change of unknown outcome in a browser', () => {
  let demo: Demo;
  let browser: Browser;
  let alice: Person;
  let bob: Person;

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error('build first: npm run build');
    demo = await startDemo({ port: await freePort(), program, say: () => undefined });
    browser = await openBrowser();
    alice = await Person.enter(browser, demo.url, 'UALICE');
    bob = await Person.enter(browser, demo.url, 'UBOB');
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  }, 60_000);

  it('is closed by a person with what was seen, and then the managed system is free again', async () => {
    const hmc = demo.lab.hmc('hmc1');
    for (const name of ['lpar6', 'lpar7']) await demo.lab.node(name).setScenario('hmc-views-disagree');
    mkdirSync(join(hmc.root, 'lab/knobs/hang'), { recursive: true });
    writeFileSync(join(hmc.root, 'lab/knobs/hang/chsysstate'), '');
    await alice.type('/rmc-fix lpar7 hmc-rebuild-system');
    await bob.pressIn(['Approval needed', 'for lpar7'], 'Approve');
    await expect.poll(async () => (await hmc.ran('chsysstate')).length, { timeout: 20_000 }).toBe(1);
    hmc.drop();
    await bob.sees(['Outcome unknown', 'may have run', 'a person looks on the HMC', 'system:p10-b']);
    await bob.pictureOf(['Outcome unknown'], 'close-1-unknown');

    await bob.pressIn(['Outcome unknown'], 'Close by hand');
    await bob.page.waitForSelector('.modal');
    await bob.picture('close-2-form');
    const seen = 'lssyscfg on hmc1 still shows inactive for lpar7: it has not taken effect.';
    await bob.page.locator('.modal input, .modal textarea').first().fill(seen);
    await bob.page.click('.modal .modal-btn.primary');
    await alice.sees(['Closed by hand, not verified', 'Bob', seen, 'system:p10-b is not locked any more']);
    await alice.pictureOf(['Closed by hand'], 'close-3-closed');
    expect(await hmc.ran('chsysstate')).toHaveLength(1);
  }, 90_000);
});
