import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type Demo } from '../lab/demo.js';
import { freePort } from '../lab/redis-server.js';
import { browserPath, openBrowser, Person } from './browser.js';

const program = new URL('../../dist/src/aixops.js', import.meta.url).pathname;
const withoutBrowser = browserPath === null && process.env['CI'] !== 'true';

const ipv6 = 'Recover the IPv6 link-local address of pvs1';
const image = 'Boot pvs2 from your own image';
const ipv6Address = 'fe80::f816:3eff:feb2:c21';
const imageAddress = 'fe80::f816:3eff:feb2:c22';

/** What of a node's commands changes it. */
const changing = (ran: readonly string[]) =>
  ran.filter((line) => /^(?:rmcctrl|rmcrefreshMD|recfgct|chdev|odm(?:delete|add)|tar) /.test(line));

/**
 * Both recoveries side by side, so that each restart of bot and worker falls into a wait of both. Nothing is hurried:
 * the plans' own waits are 30 s at least, or until the next look after 30 s; only `verify` is as short as in the demo.
 */
describe.skipIf(withoutBrowser)('the two guided recoveries in a browser', () => {
  let demo: Demo;
  let browser: Browser;
  let alice: Person;
  let bob: Person;
  let carol: Person;
  let nodeId: string | null;

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error('build first: npm run build');
    const options = { port: await freePort(), program, say: () => undefined, estate: 'demo-powervs' };
    demo = await startDemo(options);
    browser = await openBrowser();
    [alice, bob, carol] = await Promise.all([
      Person.enter(browser, demo.url, 'UALICE'),
      Person.enter(browser, demo.url, 'UBOB'),
      Person.enter(browser, demo.url, 'UCAROL'),
    ]);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  }, 60_000);

  async function ran(node: string): Promise<string[]> {
    return changing(await demo.lab.node(node).ran());
  }

  /** Until Slack has everything that was to be said: of what is sent later, the restart is the reason. */
  async function quiet(): Promise<void> {
    for (;;) {
      const answer = await fetch(`${demo.url}/_control/traffic`);
      const { traffic } = (await answer.json()) as { traffic: { method: string; at: number | string }[] };
      const last = traffic.filter(({ method }) => /^(?:chat|files)\./.test(method)).at(-1);
      const ageMs = Date.now() - new Date(last?.at ?? 0).getTime();
      // Between two messages of one channel there are at most 1.25 s.
      if (ageMs > 1_800) return;
      await new Promise((resolve) => setTimeout(resolve, 1_900 - ageMs));
    }
  }

  /** Bot and worker die at once, in the middle of whatever is waited for. */
  async function restart(): Promise<void> {
    await quiet();
    await demo.killAndRestart();
  }

  it('refuses to begin on the own image, and says where to begin', async () => {
    await alice.type('/rmc-fix pvs2 rmc-own-image-recovery');
    await alice.sees(['pvs2', 'nothing to take along', 'image that Power Virtual Server deployed']);
    await alice.pictureOf(['nothing to take along'], 'image-0-refused');
    await demo.lab.node('pvs2').bootImage('original');
    nodeId = demo.lab.node('pvs2').state().nodeId;
    expect(nodeId).toMatch(/^[0-9a-f]{16}$/);
  }, 60_000);

  it('shows each plan whole, and starts it when two others have approved', async () => {
    await alice.type('/rmc-fix pvs1 rmc-ipv6-recovery');
    await alice.type('/rmc-fix pvs2 rmc-own-image-recovery');
    await alice.sees(['Approval needed', ipv6, 'A person does', ipv6Address, 'rmcrefreshMD -s ctrmc']);
    await alice.pictureOf(['Approval needed', ipv6], 'ipv6-1-proposed');
    await alice.sees(['Approval needed', image, `recfgct -i ${nodeId ?? ''}`]);
    await alice.pictureOf(['Approval needed', image], 'image-1-proposed');
    for (const change of [ipv6, image]) await bob.pressIn(['Approval needed', change], 'Approve');
    for (const change of [ipv6, image]) {
      await carol.sees(['Approval needed', change, '1 of 2 approvals given']);
      await carol.pressIn(['Approval needed', change], 'Approve');
    }
    for (const change of [ipv6, image]) await alice.sees(['Waiting', change, 'A person must do this now']);
    await alice.pictureOf(['Waiting', ipv6], 'ipv6-2-waits-for-a-person');
    await alice.pictureOf(['Waiting', image], 'image-2-waits-for-a-person');
  }, 60_000);

  it('waits for its person over a restart of everything, and believes nobody without looking', async () => {
    await restart();
    await demo.lab.node('pvs2').powerOff();
    await alice.pressIn(['Waiting', ipv6], 'Done, continue');
    await bob.pressIn(['Waiting', image], 'Take over');
    await bob.sees(['Waiting', image, 'carried by', 'Bob']);
    await bob.pressIn(['Waiting', image], 'Done, continue');
    await alice.sees(['Waiting', ipv6, 'Not done yet', `pvs1 has no IPv6 address ${ipv6Address}`]);
    await alice.pictureOf(['Waiting', ipv6], 'ipv6-3-not-done-yet');
    await alice.sees(['Waiting', image, 'Not done yet', 'could not be asked']);
    await alice.pictureOf(['Waiting', image], 'image-3-not-done-yet');
    expect([await ran('pvs1'), await ran('pvs2')]).toEqual([[], []]);
  }, 60_000);

  it('goes on where a person has done what was asked', async () => {
    demo.lab.node('pvs1').configureLinkLocal();
    await alice.pressIn(['Waiting', ipv6], 'Done, continue');
    await demo.lab.node('pvs2').bootImage('own');
    await bob.pressIn(['Waiting', image], 'Done, continue');
    await alice.sees(['Waiting', image, `netaddr6=${imageAddress}`]);
    await alice.sees(['Waiting', ipv6, 'Minute 1 of at most 15']);
    await alice.pictureOf(['Waiting', image], 'image-4-second-person-step');
    await alice.pictureOf(['Waiting', ipv6], 'ipv6-4-waits-for-rmc');
    // One waits for time now, the other for its person again.
    await restart();
    demo.lab.node('pvs2').configureLinkLocal();
    await bob.pressIn(['Waiting', image], 'Done, continue');
    await alice.sees(['Waiting', image, 'Let RMC of pvs2 come up again', 'Minute 1 of at most 15']);
    await alice.pictureOf(['Waiting', image], 'image-5-settles');
    await restart();
    await alice.pictureOf(['Waiting', image], 'image-6-after-restart');
  }, 60_000);

  it('ends the first recovery verified, with each of its commands run once', async () => {
    await alice.sees(['Done and verified', ipv6], 60_000);
    await alice.pictureOf(['Done and verified', ipv6], 'ipv6-5-verified');
    expect(await ran('pvs1')).toEqual(['rmcctrl -p', 'rmcrefreshMD -s ctrmc']);
  }, 70_000);

  it('ends the second verified on the own image, with the node ID taken along and nothing run twice', async () => {
    await alice.sees(['Waiting', image, /Step 6 of 6 \([^)]*\): waits since/], 60_000);
    await alice.pictureOf(['Waiting', image], 'image-7-waits-for-rmc');
    await restart();
    await alice.sees(['Done and verified', image, 'all three places'], 60_000);
    await alice.pictureOf(['Done and verified', image], 'image-8-verified');
    expect(demo.lab.node('pvs2').state()).toMatchObject({ nodeId, image: 'own' });
    // Step 3 saves with RMC stopped and starts it again; step 5 rebuilds, starts and enables. Nothing else, nothing twice.
    const saved = ['rmcctrl -z', expect.stringMatching(/^tar -cf var-ct\.tar /) as string];
    const started = ['rmcctrl -A', 'rmcctrl -p'];
    expect(await ran('pvs2')).toEqual([...saved, ...started, `recfgct -i ${nodeId ?? ''}`, ...started]);
  }, 150_000);

  it('has told the whole story in the thread of each card', async () => {
    for (const [change, name] of [
      [ipv6, 'ipv6-6-thread'],
      [image, 'image-9-thread'],
    ] as const) {
      await alice.openThreadOf(['Done and verified', change]);
      await alice.sees([change, 'waits for a person']);
      // What waited for Slack while the bot was dead is posted too: output and files.
      await alice.sees(['Plan of change']);
      await alice.sees(['before change']);
      await alice.sees([/Step \d of \d .* ended with exit status 0/]);
      await alice.picture(name);
    }
  }, 60_000);
});
