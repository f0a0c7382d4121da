import { existsSync } from 'node:fs';
import { TOTP } from 'otpauth';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type Demo } from '../lab/demo.js';
import { freePort } from '../lab/redis-server.js';
import { browserPath, openBrowser, Person } from './browser.js';

const program = new URL('../../dist/src/aixops.js', import.meta.url).pathname;
const withoutBrowser = browserPath === null && process.env['CI'] !== 'true';

/** Alice and Dave are on call, Bob and Carol approve; medium risk wants all that the policy can want. */
const policy = `
groups:
  oncall: { users: [UALICE, UDAVE] }
  approvers: { usergroup: S0APPROVE }
rules:
  - { who: "group:oncall", may: [propose, roll-back], what: [rmc-restart] }
  - { who: "group:approvers", may: [approve, close, freeze] }
approvals:
  medium: { needed: 2, reason: true, ticket: "CHG[0-9]{7}", stepUp: true }
rollout: { ramp: [1, 2, 4], atMost: 8 }
breakGlass: { who: ["group:oncall"], minutes: 15 }
`;

const seeds = {
  UBOB: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXA',
  UCAROL: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXB',
  UDAVE: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXC',
};

/** The code that this person's authenticator shows now. */
function codeOf(user: keyof typeof seeds): string {
  return new TOTP({ secret: seeds[user], algorithm: 'SHA1', digits: 6, period: 30 }).generate();
}

/** Six digits that are right at no moment near this one. */
function wrongCodeOf(user: keyof typeof seeds): string {
  const totp = new TOTP({ secret: seeds[user], algorithm: 'SHA1', digits: 6, period: 30 });
  const near = [-3, -2, -1, 0, 1, 2, 3].map((steps) =>
    totp.generate({ timestamp: Date.now() + steps * 30_000 }),
  );
  return ['000000', '111111', '222222', '333333', '444444', '555555', '666666', '777777'].find(
    (code) => !near.includes(code),
  ) as string;
}

const rollout = 'Restart RMC, keeping its configuration, on';
const single = 'Restart RMC on lpar3';

describe.skipIf(withoutBrowser)('who may do what, in a browser', () => {
  let demo: Demo;
  let browser: Browser;
  let alice: Person;
  let bob: Person;
  let carol: Person;
  let dave: Person;

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error('build first: npm run build');
    const secrets = Object.entries(seeds).map(([user, seed]) => `${user}: ${seed}`);
    demo = await startDemo({
      port: await freePort(),
      program,
      say: () => undefined,
      policy,
      environment: { STEP_UP_SECRETS: secrets.join('\n') },
    });
    for (const name of ['lpar1', 'lpar2', 'lpar6']) await demo.lab.node(name).setScenario('never-registered');
    browser = await openBrowser();
    [alice, bob, carol, dave] = await Promise.all([
      Person.enter(browser, demo.url, 'UALICE'),
      Person.enter(browser, demo.url, 'UBOB'),
      Person.enter(browser, demo.url, 'UCAROL'),
      Person.enter(browser, demo.url, 'UDAVE'),
    ]);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  }, 60_000);

  const restarts = async (name: string): Promise<number> =>
    (await demo.lab.node(name).ran('rmcctrl')).filter((line) => line.includes('-z')).length;

  /** Fills the open form from its first line to its last, and sends it off. */
  async function answer(person: Person, ...texts: readonly string[]): Promise<void> {
    const fields = person.page.locator('.modal .bk-plain-input');
    await fields.first().waitFor();
    for (const [at, text] of texts.entries()) await fields.nth(at).fill(text);
    await person.page.click('.modal .modal-btn.primary');
  }

  const formGone = (person: Person): Promise<unknown> =>
    person.page.waitForSelector('.modal', { state: 'detached' });

  async function formSays(person: Person, words: string): Promise<void> {
    await person.page.locator('.modal', { hasText: words }).waitFor();
  }

  it('wants a reason and a ticket before it makes the plans of a roll-out', async () => {
    await alice.type('/rmc-fix lpar4 lpar1 lpar2 lpar3 lpar6 lpar7 lpar8 rmc-restart');
    await formSays(alice, 'CHG[0-9]{7}');
    await alice.pictureOfModal('policy-01-why');
    await answer(alice, 'RMC hangs on all of the erp machines', 'INC42');
    await formSays(alice, '"INC42" is no ticket as the policy wants it: CHG[0-9]{7}.');
    expect(await alice.page.locator('.modal').textContent()).not.toContain('--ticket');
    await alice.pictureOfModal('policy-02-no-ticket');
    await answer(alice, 'RMC hangs on all of the erp machines', 'CHG0012345');
    await formGone(alice);
    await alice.sees(['Approval needed', rollout, 'Wave 1 of 3: lpar4', 'CHG0012345'], 60_000);
    await alice.sees(['Approval needed', 'Left out', 'lpar7', 'lpar8', '2 approvals needed']);
    await alice.pictureOf(['Approval needed', rollout], 'policy-03-list');
    await alice.openThreadOf(['Approval needed', rollout]);
    await alice.picture('policy-04-thread');
  }, 90_000);

  it('lets nobody approve alone, for themselves, or without the code of their authenticator', async () => {
    await alice.pressIn(['Approval needed', rollout], 'Approve');
    await alice.sees(['You asked for this change, so someone else must approve it.']);
    await alice.picture('policy-05-own-refused');
    await bob.pressIn(['Approval needed', rollout], 'Approve');
    await formSays(bob, 'authenticator');
    await bob.pictureOfModal('policy-06-code');
    await answer(bob, wrongCodeOf('UBOB'));
    await formSays(bob, 'That code is not right. Nothing was decided.');
    await bob.pictureOfModal('policy-07-wrong-code');
    await answer(bob, codeOf('UBOB'));
    await formGone(bob);
    await carol.sees([rollout, '1 of 2 approvals given']);
    await carol.picture('policy-08-one-approval');
    expect(await restarts('lpar4')).toBe(0);
    await carol.pressIn(['Approval needed', rollout], 'Approve');
    await answer(carol, codeOf('UCAROL'));
    await formGone(carol);
  }, 90_000);

  it('goes to one node first, then to two, and ends after them when somebody presses Stop', async () => {
    await alice.sees(['Rolling out', rollout, 'Wave 1 of 3: lpar4']);
    await alice.pictureOf(['Rolling out', rollout], 'policy-09-first-wave');
    expect((await Promise.all(['lpar1', 'lpar2', 'lpar3', 'lpar6'].map(restarts))).join()).toBe('0,0,0,0');
    await alice.sees(['Rolling out', rollout, 'Wave 2 of 3: lpar1, lpar2'], 60_000);
    expect(await restarts('lpar4')).toBe(1);
    await alice.picture('policy-10-second-wave');
    await expect.poll(() => restarts('lpar1'), { timeout: 30_000 }).toBe(1);
    await dave.pressIn(['Rolling out', rollout], 'Stop');
    await dave.sees(['Stopped: nothing new begins']);
    await dave.picture('policy-11-stop-pressed');
    await alice.sees(
      ['Stopped —', rollout, 'verified: lpar4, lpar1, lpar2', 'not begun: lpar3, lpar6'],
      90_000,
    );
    await alice.pictureOf(['Stopped —', 'Propose the rest', rollout], 'policy-12-stopped');
    await alice.picture('policy-13-stopped-thread');
    expect((await Promise.all(['lpar1', 'lpar2', 'lpar3', 'lpar6'].map(restarts))).join()).toBe('1,1,0,0');
    await alice.type('/changes --fix rmc-restart');
    await alice.sees(['Done and verified', 'lpar4', 'lpar1', 'lpar2']);
    await alice.picture('policy-14-changes');
  }, 180_000);

  it('holds a change in a freeze, and says so to who approves', async () => {
    await alice.type('/rmc-fix lpar3 rmc-restart --ticket CHG0012346 --reason "RMC of lpar3 is down"');
    await alice.sees(['Approval needed', 'Restart RMC on lpar3', 'CHG0012346'], 60_000);
    await alice.pictureOf(['Approval needed', single], 'policy-15-single');
    await alice.type('/changes freeze on Quarter end');
    await alice.sees(['Nothing was', 'freeze']);
    await alice.picture('policy-16-freeze-refused');
    await bob.type('/changes freeze on Quarter end, until Monday 06:00');
    await carol.sees(['All changes are frozen', 'Quarter end, until Monday 06:00', '/changes break-glass']);
    await carol.pictureOf(['All changes are frozen'], 'policy-17-frozen');
    await carol.pressIn(['Approval needed', single], 'Approve');
    await carol.sees(['Nothing was decided', 'Quarter end']);
    await carol.picture('policy-18-approve-refused');
  }, 90_000);

  it('breaks the glass for who is on call and proves it, aloud, and then still wants two others', async () => {
    await bob.type('/changes break-glass lpar3 The DLPAR for payroll waits for RMC on lpar3');
    await bob.sees(['You may not break the glass', 'Nothing was opened', 'group oncall']);
    await bob.picture('policy-19-not-on-call');
    await alice.type('/changes break-glass lpar3 The DLPAR for payroll waits for RMC on lpar3');
    await alice.sees(['none is set up for you', 'Nothing was opened', 'aixops step-up UALICE']);
    await dave.type('/changes break-glass lpar3 The DLPAR for payroll waits for RMC on lpar3');
    await dave.sees(['needs the code that your authenticator shows', 'Nothing is opened yet']);
    await dave.picture('policy-20-code-wanted');
    await dave.press('Type the code');
    await dave.page.waitForSelector('.modal');
    await dave.pictureOfModal('policy-21-glass-form');
    await answer(dave, wrongCodeOf('UDAVE'));
    await formSays(dave, 'That code is not right');
    await dave.pictureOfModal('policy-22-glass-wrong');
    await answer(dave, codeOf('UDAVE'));
    await formGone(dave);
    await carol.sees(['BREAK-GLASS on lpar3', 'Dave', 'payroll', 'It approves nothing']);
    await carol.pictureOf(['BREAK-GLASS on lpar3'], 'policy-23-glass');
    // Their codes are remembered for an hour.
    await carol.pressIn(['Approval needed', single], 'Approve');
    await bob.sees([single, '1 of 2 approvals given']);
    await bob.pressIn(['Approval needed', single], 'Approve');
    await alice.sees(['Done and verified', single, 'Let through by break-glass'], 90_000);
    await alice.pictureOf(['Done and verified', single], 'policy-24-let-through');
    await alice.openThreadOf(['Done and verified', single]);
    await alice.picture('policy-25-let-through-thread');
  }, 150_000);

  it('lifts the freeze, and says whose it was', async () => {
    await carol.type('/changes freeze off The quarter is closed');
    await alice.sees(['Changes are not frozen any more', 'The quarter is closed', 'Bob']);
    await alice.pictureOf(['Changes are not frozen any more'], 'policy-26-lifted');
    await alice.openHome();
    await alice.seesHome(['Nothing waits for you']);
    await alice.pictureOfHome('policy-27-home');
  }, 60_000);

  it('proposes the rest anew: what is well meanwhile is left out, and it is approved as the first list was', async () => {
    await alice.openChannel();
    // It is told in the thread of the first list.
    for (const person of [alice, bob, carol]) await person.openThreadOf(['Stopped —', rollout, 'Asked by']);
    await alice.press('Propose the rest', 30_000, 'first');
    const rest = ['Restart RMC, keeping its configuration, on 1 LPAR', 'the rest of'];
    await alice.sees(['Approval needed', ...rest, 'Nothing to do', 'lpar3', 'CHG0012345'], 60_000);
    await alice.pictureOf(['Approval needed', ...rest], 'policy-28-rest');
    await bob.pressIn(['Approval needed', ...rest], 'Approve');
    await carol.sees(['Approval needed', ...rest, '1 of 2 approvals given']);
    await carol.pressIn(['Approval needed', ...rest], 'Approve');
    await alice.sees(['Rolled out, all verified', ...rest], 90_000);
    await alice.pictureOf(['Rolled out, all verified', ...rest], 'policy-29-done');
    expect(await restarts('lpar6')).toBe(1);
  }, 150_000);
});
