import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';
import { collect } from '../../src/run/collect.js';
import { judge } from '../../src/runbooks/judge.js';
import { findDiagnostic } from '../../src/runbooks/index.js';
import { createSsh2Transport } from '../../src/ssh/ssh2.js';
import { freePort } from '../lab/redis-server.js';
import { browserPath, openBrowser, Person } from './browser.js';

const program = new URL('../../dist/src/aixops.js', import.meta.url).pathname;
const withoutBrowser = browserPath === null && process.env['CI'] !== 'true';

interface RunningDemo {
  readonly process: ChildProcess;
  readonly url: string;
  readonly folder: string;
  readonly printed: () => string;
}

async function startDemo(port: number): Promise<RunningDemo> {
  const child = spawn(process.execPath, [program, 'demo', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const deadline = Date.now() + 60_000;
  while (!printed.includes('The demo runs at')) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the demo did not start:\n${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const folder = /its files: (?<folder>\S+)\)/.exec(printed)?.groups?.['folder'] ?? '';
  return { process: child, url: `http://127.0.0.1:${port}`, folder, printed: () => printed };
}

async function stop(demo: RunningDemo): Promise<number | null> {
  const exited = new Promise<number | null>((resolve) => demo.process.once('exit', resolve));
  demo.process.kill('SIGINT');
  return exited;
}

/** What `aixops run rmc` says of one LPAR of the running demo, by a connection of its own. */
async function verdictOn(demo: RunningDemo, name: string): Promise<string> {
  const loaded = loadInventory({ folder: join(demo.folder, 'config'), home: demo.folder });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  const node = loaded.inventory.nodes.get(name);
  if (node === undefined) throw new Error(`no ${name}`);
  const ssh = createSsh2Transport({
    connectTimeoutMs: 5_000,
    idleCloseMs: 1_000,
    hmcSessions: 2,
    random: () => 'r'.repeat(32),
  });
  try {
    const diagnostic = findDiagnostic('rmc');
    const [collected] = await collect(diagnostic, [node], { ssh, clock: Date.now }, { nodesAtOnce: 1 });
    if (collected === undefined) throw new Error('nothing was collected');
    return judge(diagnostic, collected, collected.startedAt, collected.durationMs).verdict;
  } finally {
    await ssh.close();
  }
}

describe.skipIf(withoutBrowser)('the demo in a browser', () => {
  let demo: RunningDemo;
  let browser: Browser;
  let alice: Person;
  let bob: Person;

  beforeAll(async () => {
    if (!existsSync(program)) throw new Error('build first: npm run build');
    demo = await startDemo(await freePort());
    browser = await openBrowser();
    alice = await Person.enter(browser, demo.url, 'UALICE');
    bob = await Person.enter(browser, demo.url, 'UBOB');
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    expect(await stop(demo)).toBe(0);
    expect(demo.printed()).toContain('Nothing is left running.');
    expect(existsSync(demo.folder)).toBe(false);
  }, 60_000);

  it('shows one card for the whole estate, and each LPAR as its scenario deserves', async () => {
    await alice.type('/rmc-status all --deep');
    await alice.sees(['10 LPARs', /5 critical/, /1 warning/, /4 healthy/]);
    await alice.picture('1-card');
    await alice.openThread();
    await alice.sees(['lpar2', 'RMC is stopped']);
    await alice.sees(['lpar3', 'IBM.DRM']);
    await alice.sees(['lpar4', 'not registered']);
    await alice.sees(['lpar5', 'not running']);
    await alice.sees(['lpar6', 'remote clients are disabled']);
    await alice.sees(['lpar8', 'another host key']);
    await alice.sees(['lpar1 is healthy']);
    await alice.sees(['lpar7 is healthy']);
    await alice.picture('2-thread');
  }, 60_000);

  it('lets nobody approve what they asked for, and runs what somebody else approved, seen on the HMC too', async () => {
    await alice.press('rmc-enable-remote on lpar6');
    await alice.sees(['Approval needed', 'rmcctrl -p', 'lpar6']);
    await alice.picture('3-approval');
    await alice.press('Approve');
    await alice.sees(['You asked for this change, so someone else must approve it.']);
    expect(await verdictOn(demo, 'lpar6')).toBe('crit');
    await bob.openThread();
    await bob.press('Approve');
    await bob.sees(['Done and verified', 'lpar6 and its HMC both show the connection up'], 60_000);
    await bob.picture('4-verified');
    expect(await bob.buttons('Approve')).toBe(0);
    expect(await verdictOn(demo, 'lpar6')).toBe('ok');
  }, 120_000);

  it('undoes it by a plan that is approved on its own', async () => {
    await bob.press('Roll');
    await bob.sees(['Approval needed', 'rmcctrl -P']);
    await bob.press('Approve');
    await bob.sees(['You asked for this change, so someone else must approve it.']);
    await alice.press('Approve');
    await alice.sees(['Rolled back', 'lpar6'], 60_000);
    await alice.picture('5-rolled-back');
    expect(await verdictOn(demo, 'lpar6')).toBe('crit');
  }, 120_000);

  it('runs once when two people approve at the same moment', async () => {
    const carol = await Person.enter(browser, demo.url, 'UCAROL');
    await alice.press('rmc-restart on lpar4');
    await alice.sees(['Approval needed', 'rmcctrl -z', 'lpar4']);
    await bob.sees(['Approval needed', 'lpar4']);
    await carol.openThread();
    await carol.sees(['Approval needed', 'lpar4']);
    await Promise.all([bob.press('Approve'), carol.press('Approve')]);
    await alice.sees(['Done and verified', 'lpar4'], 60_000);
    // The page shows private replies to everybody: what the bot sent tells more.
    const traffic = await fetch(`${demo.url}/_control/traffic?method=chat.postEphemeral`);
    const { traffic: whispers } = (await traffic.json()) as { traffic: { args: { text: string } }[] };
    const losers = whispers.filter(({ args }) => args.text.startsWith('This change is already approved by'));
    expect(losers).toHaveLength(1);
    const ran = readFileSync(join(demo.folder, 'lab/nodes/lpar4/lab/ran.log'), 'utf8');
    expect(ran.match(/rmcctrl -\w/g)).toEqual(['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p']);
    expect(await verdictOn(demo, 'lpar4')).toBe('ok');
    await alice.picture('6-two-approvers');
  }, 120_000);

  it('answers a wrong name at once and privately, and opens a form where no name is given', async () => {
    await alice.type('/rmc-status lpar22');
    await alice.sees(['Unknown target "lpar22"', 'Did you mean lpar2?', 'Nothing was run']);
    await alice.type('/rmc-status');
    await alice.page.waitForSelector('.modal');
    await alice.picture('7-form');
    await alice.page.locator('.modal label', { hasText: 'lpar1' }).first().click();
    await alice.page.click('.modal .modal-btn.primary');
    await alice.sees(['lpar1', 'healthy', '/rmc-status lpar1']);
    await alice.type('/aix-help');
    await alice.sees(['/rmc-status', '/rmc-fix', '/aix-help']);
    await alice.picture('8-help');
  }, 60_000);

  it('asks the HMC first, and says so of every LPAR that it did not log in to', async () => {
    await alice.type('/rmc-status all');
    // The host key of lpar8 has changed, which only a login shows: the HMC sees it healthy.
    await alice.sees(['10 LPARs', 'lpar8', 'seen from the HMC only (add --deep to log in)']);
    await alice.picture('8-sweep');
  }, 60_000);

  it('answers a mention in the thread that it was made in', async () => {
    await alice.page
      .locator('.thread-pane .composer-input, .thread-pane textarea, .thread-pane [contenteditable]')
      .first()
      .fill('<@U0AIXOPS> rmc-status lpar7');
    await alice.page.keyboard.press('Enter');
    await alice.page
      .locator('.thread-pane .msg', { hasText: '/rmc-status lpar7' })
      .first()
      .waitFor({ timeout: 30_000 });
    await alice.picture('9-mention');
  }, 60_000);
});

describe('the demo on a port that is taken', () => {
  let other: Server;
  afterAll(() => new Promise<void>((resolve) => other.close(() => resolve())));

  it('says so, and what to type instead', async () => {
    other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await expect(startDemo(port)).rejects.toThrow(`Port ${port} is taken by another program`);
  }, 60_000);
});
