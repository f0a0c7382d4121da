import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBot, type BotProcess } from '../../src/bot.js';
import { share, workerTools, type Shared } from '../../src/compose.js';
import { loadConfig } from '../../src/config.js';
import { loadInventory } from '../../src/inventory/load.js';
import { startWorkerProcess, type WorkerProcess } from '../../src/worker.js';
import type { Tools } from '../../jobs/tools.js';
import { log } from '../jobs/workbench.js';
import { startLab, type Lab } from '../lab/lab.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { demoWorkspace } from '../lab/slack/workspace.js';
import { openPolicy } from '../policy/open-policy.js';
import { browserPath, openBrowser, Person } from './browser.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-enrol-e2e-'));
const config = join(folder, 'config');
let lab: Lab;
let redis: RedisServer;
let slack: LocalSlack;
let shared: Shared;
let tools: Tools;
let bot: BotProcess;
let worker: WorkerProcess;

beforeAll(async () => {
  redis = await startRedis({ folder: join(folder, 'redis') });
  const demo = demoWorkspace();
  const strangers = [
    { id: 'UGINA', name: 'gina', realName: 'Gina Guest', email: 'gina@example.com', isGuest: true },
    { id: 'UFRED', name: 'fred', realName: 'Fred Far', email: 'fred@example.com', teamId: 'T0OTHER' },
  ];
  const channels = demo.channels.map((channel) => ({
    ...channel,
    members: channel.isDirect === true ? channel.members : [...channel.members, 'UGINA', 'UFRED'],
  }));
  const workspace = { ...demo, users: [...demo.users, ...strangers], channels };
  slack = await startLocalSlack({ port: 0, folder: join(folder, 'slack'), workspace, isRateLimited: false });
  lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 300 });
  mkdirSync(config);
  await lab.writeConfig(config);
  writeFileSync(join(config, 'aixops.yaml'), `slack: { apiUrl: "${slack.apiUrl}" }\n`);
  const kept = readFileSync(join(config, 'known_hosts'), 'utf8').split('\n');
  const unpinned = ['[127.0.1.11]', '[127.0.1.12]', '[127.0.1.5]'];
  writeFileSync(
    join(config, 'known_hosts'),
    kept.filter((line) => !unpinned.some((host) => line.startsWith(host))).join('\n'),
  );
  const env = { REDIS_URL: redis.url, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const loaded = loadConfig({ folder: config, env, needsSlack: true });
  const inventory = loadInventory({ folder: config, home: folder });
  if (loaded.kind === 'problems' || inventory.kind === 'problems') throw new Error('settings');
  const settings = { config: loaded.config, inventory: inventory.inventory, policy: openPolicy };
  shared = await share(settings, log);
  tools = workerTools(settings, shared, () => false, log);
  worker = await startWorkerProcess(tools, shared.queues, { connection: shared.workerLink(), log });
  bot = await startBot(settings, shared, log);
}, 90_000);
afterAll(async () => {
  await bot.stop();
  await worker.stop();
  await tools.ssh.close();
  await shared.close();
  await Promise.all([slack.stop(), lab.stop(), redis.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Posted {
  readonly ts: string;
  readonly text: string;
  readonly blocks?: readonly object[];
}

async function control(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${slack.url}/_control/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}

async function posted(): Promise<readonly Posted[]> {
  const answer = await fetch(`${slack.url}/_control/messages/C0OPS`);
  return ((await answer.json()) as { messages: Posted[] }).messages;
}

/** Waits for a message that says all of this. */
async function seen(...texts: readonly (string | RegExp)[]): Promise<Posted> {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const all = await posted();
    const found = all.findLast(({ text }) =>
      texts.every((one) => (typeof one === 'string' ? text.includes(one) : one.test(text))),
    );
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not seen: ${texts.join(' ')} in ${JSON.stringify(all)}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

const type = (text: string): Promise<void> =>
  control('command', { command: '/enrol', text, user: 'UALICE', channel: 'C0OPS' });

/** Presses a button as somebody; its value is what the card holds. */
async function press(card: Posted, action: string, user: string): Promise<void> {
  const value = /"value":"(?<id>e-[^"]+)"/.exec(JSON.stringify(card.blocks))?.[1];
  const button = { type: 'button', action_id: action, block_id: 'b', value };
  await control('interact', { channel: 'C0OPS', messageTs: card.ts, user, action: button });
}

describe('host keys in Slack', { timeout: 120_000 }, () => {
  it('shows them, does not let who asked pin them, and pins them for somebody else', async () => {
    await type('lpar1 hmc1 lpar5');
    const card = await seen('Approval needed: host keys to pin', 'lpar1', 'hmc1');
    expect(card.text).toMatch(/`ssh-ed25519` `SHA256:\S+`/);
    expect(card.text).toMatch(/lpar5.*nothing listens there/);
    if (browserPath !== null && process.env['SHOTS'] !== undefined) await shoot('first');
    await press(card, 'enrol-pin', 'UALICE');
    await seen('You asked for these host keys, so someone else must compare and pin them.');
    await press(card, 'enrol-pin', 'UGINA');
    await seen('You are a guest in this workspace, and aixops takes nothing from guests.');
    await press(card, 'enrol-pin', 'UFRED');
    await seen('You belong to another workspace, and aixops serves only its own.');
    await press(card, 'enrol-pin', 'UBOB');
    await seen('Host keys pinned', 'lpar1');
    await control('command', { command: '/rmc-status', text: 'lpar1', user: 'UALICE', channel: 'C0OPS' });
    await seen('lpar1', 'healthy');
  });

  it('makes a card of its own of a changed key, loud and for two', async () => {
    await lab.node('lpar1').setSsh('other-key');
    await type('lpar1 lpar2');
    await seen('Approval needed: host keys to pin', 'lpar2');
    const card = await seen('THE HOST KEY HAS CHANGED', 'lpar1', 'Presented instead');
    expect(card.text.match(/SHA256:/g)).toHaveLength(2);
    if (browserPath !== null && process.env['SHOTS'] !== undefined) await shoot('changed');
    await press(card, 'enrol-pin', 'UBOB');
    await seen('Your approval counts. Another person must compare and approve as well.');
    await press(card, 'enrol-pin', 'UCAROL');
    await seen('Changed host key replaced', 'lpar1');
  });
});

async function shoot(name: string): Promise<void> {
  const browser = await openBrowser();
  const person = await Person.enter(browser, slack.url, 'UBOB');
  await person.page.screenshot({ path: join(process.env['SHOTS'] ?? '', `${name}.png`), fullPage: true });
  await browser.close();
}
