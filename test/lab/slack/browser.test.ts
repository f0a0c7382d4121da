import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SocketModeClient } from '@slack/socket-mode';
import { WebClient } from '@slack/web-api';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPart } from '../system-parts.js';
import { objectsIn, textOf, type Json } from './json.js';
import { startLocalSlack, type LocalSlack } from './start-local-slack.js';

const executablePath = await findPart('chromium');

describe.skipIf(executablePath === null)('the page in a browser', () => {
  let folder: string;
  let slack: LocalSlack;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'aixops-slack-page-'));
    slack = await startLocalSlack({ folder, port: 0 });
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    await slack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('draws a code fence, and a click of Bob reaches the bot as his', async () => {
    const clicks: Json[] = [];
    const bot = new SocketModeClient({
      appToken: slack.appToken,
      clientOptions: { slackApiUrl: slack.apiUrl },
    });
    bot.on('slack_event', ({ body, ack }: { body: Json; ack: () => Promise<void> }) => {
      clicks.push(body);
      void ack();
    });
    await bot.start();
    const web = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
    await web.chat.postMessage({
      channel: 'C0OPS',
      text: 'ctrmc is inoperative on lpar07',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: '```\nctrmc  rsct  &lt;inoperative&gt;\n```' } },
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              action_id: 'approve',
              value: 'c1',
              text: { type: 'plain_text', text: 'Approve' },
            },
          ],
        },
      ],
    });
    const page = await browser.newPage();
    await page.goto(slack.url);
    await page.locator('.sidebar-item', { hasText: 'unix-oncall' }).click();
    expect(await page.locator('pre.fenced').innerText()).toBe('ctrmc  rsct  <inoperative>');
    await page.locator('label.actas select').selectOption({ label: 'Bob Marsh' });
    await page.locator('button.bk-button', { hasText: 'Approve' }).click();
    await expect.poll(() => clicks.length).toBe(1);
    const [click = {}] = clicks;
    expect(click.user).toMatchObject({ id: 'UBOB' });
    expect(textOf(objectsIn(click.actions)[0]?.value)).toBe('c1');
    await bot.disconnect();
  });
});
