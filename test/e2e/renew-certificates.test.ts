import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type Demo } from '../lab/demo.js';
import { freePort } from '../lab/redis-server.js';
import { browserPath, openBrowser, Person } from './browser.js';

const program = new URL('../../dist/src/aixops.js', import.meta.url).pathname;
const withoutBrowser = browserPath === null && process.env['CI'] !== 'true';
const nodes = ['erp1', 'erp2'] as const;
const renewal = 'Renew the certificates of cluster erp';

describe.skipIf(withoutBrowser)('expired certificates of a cluster, in a browser', () => {
  let demo: Demo;
  let browser: Browser;
  let alice: Person;
  let bob: Person;
  let carol: Person;
  let before: readonly string[];

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error('build first: npm run build');
    demo = await startDemo({ port: await freePort(), program, say: () => undefined });
    browser = await openBrowser();
    [alice, bob, carol] = await Promise.all([
      Person.enter(browser, demo.url, 'UALICE'),
      Person.enter(browser, demo.url, 'UBOB'),
      Person.enter(browser, demo.url, 'UCAROL'),
    ]);
    before = sums();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  }, 60_000);

  /** Node, file, mode and SHA-256 of everything in /etc/cluster, as it is on the nodes. */
  function sums(): readonly string[] {
    return nodes.flatMap((node) => {
      const folder = join(demo.lab.node(node).root, 'etc/cluster');
      return readdirSync(folder)
        .sort()
        .map((file) => {
          const path = join(folder, file);
          const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
          return `${node} ${file} ${(statSync(path).mode & 0o777).toString(8)} ${sum}`;
        });
    });
  }

  async function toolRuns(): Promise<number> {
    const ran = await Promise.all(nodes.map((node) => demo.lab.node(node).ran('clrexec_cert_setup')));
    return ran.flat().length;
  }

  async function twoApprove(texts: readonly string[]): Promise<void> {
    await bob.pressIn(texts, 'Approve');
    await carol.sees([...texts, '1 of 2 approvals given']);
    expect(await toolRuns()).toBeLessThanOrEqual(1);
    await carol.pressIn(texts, 'Approve');
  }

  it('shows at one look that no node reaches another, and blames nothing that is not proven', async () => {
    await alice.type('/clcomd-status erp');
    await alice.sees(['erp: critical', 'clrsh fails between all nodes', '✗ 0/3'], 60_000);
    await alice.sees(['Expired certificate found on erp1 and erp2; link to the failure not proven.']);
    await alice.pictureOf(['erp: critical'], 'renew-1-status');
  }, 90_000);

  it('proposes the renewal: every node, every command, two approvers', async () => {
    expect(await alice.buttons('Propose clcomd-renew-certificates')).toBe(1);
    await alice.type('/clcomd-fix erp clcomd-renew-certificates');
    await alice.sees(['Approval needed', renewal, 'clrexec_cert_setup', 'erp1', 'erp2'], 60_000);
    await alice.pictureOf(['Approval needed', renewal], 'renew-2-proposed');
    expect(sums()).toEqual(before);
    expect(await toolRuns()).toBe(0);
  }, 90_000);

  it('renews when two others have approved: the tool runs once, and every pair answers', async () => {
    await twoApprove(['Approval needed', renewal]);
    await alice.sees(['Running', renewal], 60_000);
    await alice.pictureOf(['Running', renewal], 'renew-3-running');
    await alice.sees(['Done and verified', renewal], 180_000);
    await alice.pictureOf(['Done and verified', renewal], 'renew-4-verified');
    expect(await toolRuns()).toBe(1);
    expect(sums()).not.toEqual(before);
    await alice.type('/clcomd-status erp');
    await alice.sees(['erp is healthy', '✓ 3/3'], 60_000);
    await alice.pictureOf(['erp is healthy'], 'renew-5-status');
  }, 300_000);

  it('puts every byte back when the rollback is approved as well', async () => {
    await alice.pressIn(['Done and verified', renewal], 'Rollback');
    const undo = ['Approval needed', 'undoes change'];
    await alice.sees(undo, 60_000);
    await alice.pictureOf(undo, 'renew-6-undo-proposed');
    await twoApprove(undo);
    await alice.sees(['Done and verified', 'undoes change'], 180_000);
    await alice.pictureOf(['Done and verified', 'undoes change'], 'renew-7-undone');
    expect(sums()).toEqual(before);
    expect(await toolRuns()).toBe(1);
  }, 300_000);
});
