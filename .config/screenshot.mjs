// Draws docs/images/demo.png: the demo after a question, with a fix waiting for approval in its thread.
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

const port = 3499;
const demo = spawn(process.execPath, ['dist/src/aixops.js', 'demo', '--port', String(port)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
await new Promise((resolve, reject) => {
  demo.stdout.on('data', (chunk) => String(chunk).includes('The demo runs at') && resolve());
  demo.once('exit', () => reject(new Error('the demo did not start')));
});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
  await page.goto(`http://127.0.0.1:${port}`);
  await page.click('.sidebar-item:has-text("unix-oncall")');
  await page.selectOption('label.actas select', 'UALICE');
  await page.fill('.composer-input', '/rmc-status all');
  await page.press('.composer-input', 'Enter');
  await page.click('button.bk-button:has-text("rmc-restart on lpar2")');
  await page.waitForTimeout(15_000);
  await page.click('.thread-summary');
  const approve = page.locator('.thread-pane button.bk-button', { hasText: 'Approve' });
  await approve.waitFor();
  await page.waitForTimeout(1_000);
  await approve.evaluate((button) => button.scrollIntoView({ block: 'end' }));
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'docs/images/demo.png' });
} finally {
  await browser.close();
  demo.kill('SIGINT');
}
