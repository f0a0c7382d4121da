import { existsSync } from 'node:fs';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where a browser is; null where there is none, and then the browser tests are skipped (with CI=true they fail). */
export const browserPath = places.find((path) => existsSync(path)) ?? null;

/** A headless browser that speaks to nobody but the page it is shown. */
export async function openBrowser(): Promise<Browser> {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
  ];
  return chromium.launch({
    executablePath: browserPath ?? places[0],
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
  });
}

/** One person's window on the local Slack. */
export class Person {
  private constructor(
    readonly page: Page,
    readonly name: string,
  ) {}

  static async enter(browser: Browser, url: string, user: string, channel = 'unix-oncall'): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1500, height: 1000 } });
    const page = await context.newPage();
    await page.goto(url);
    await page.click(`.sidebar-item:has-text("${channel}")`);
    await page.selectOption('label.actas select', user);
    return new Person(page, user);
  }

  async type(text: string): Promise<void> {
    await this.page.fill('.composer-input', text);
    await this.page.press('.composer-input', 'Enter');
  }

  /** Waits until a message, in the channel or the open thread, holds all of the texts. */
  async sees(texts: readonly (string | RegExp)[], timeoutMs = 30_000): Promise<void> {
    let message = this.page.locator('.msg');
    for (const text of texts) message = message.filter({ hasText: text });
    await message.first().waitFor({ timeout: timeoutMs });
  }

  /** Presses the newest button with this label, or the first on the page. */
  async press(label: string, timeoutMs = 30_000, which: 'last' | 'first' = 'last'): Promise<void> {
    await this.page.locator('button.bk-button', { hasText: label })[which]().click({ timeout: timeoutMs });
  }

  /** Opens the bot's Home tab, which Slack tells the bot. */
  async openHome(): Promise<void> {
    await this.page.locator('.sidebar-item', { hasText: 'aixops' }).first().click();
    await this.page.waitForSelector('.home');
  }

  async openChannel(channel = 'unix-oncall'): Promise<void> {
    await this.page.click(`.sidebar-item:has-text("${channel}")`);
  }

  /** Waits until the Home tab holds all of the texts. */
  async seesHome(texts: readonly (string | RegExp)[], timeoutMs = 30_000): Promise<void> {
    let home = this.page.locator('.home');
    for (const text of texts) home = home.filter({ hasText: text });
    await home.first().waitFor({ timeout: timeoutMs });
  }

  /** Presses a button of the newest message that holds all of the texts. */
  async pressIn(texts: readonly (string | RegExp)[], label: string): Promise<void> {
    await this.message(texts).locator('button.bk-button', { hasText: label }).click({ timeout: 30_000 });
  }

  async openThread(): Promise<void> {
    await this.page.locator('.thread-summary').first().click();
    await this.page.waitForSelector('.thread-pane');
  }

  /** Opens the thread of the newest message that holds all of the texts. */
  async openThreadOf(texts: readonly (string | RegExp)[]): Promise<void> {
    await this.message(texts).locator('.thread-summary').click();
    await this.page.waitForSelector('.thread-pane');
  }

  /** How many buttons with this label the person could press now. */
  async buttons(label: string): Promise<number> {
    return this.page.locator('button.bk-button', { hasText: label }).count();
  }

  /** A picture for a person to look at, where AIXOPS_SCREENSHOTS names a folder. */
  async picture(name: string): Promise<void> {
    const folder = process.env['AIXOPS_SCREENSHOTS'];
    if (folder !== undefined) await this.page.screenshot({ path: `${folder}/${name}.png` });
  }

  /** The same of the newest message that holds all of the texts, however long it is. */
  async pictureOf(texts: readonly (string | RegExp)[], name: string): Promise<void> {
    const folder = process.env['AIXOPS_SCREENSHOTS'];
    if (folder !== undefined) await this.message(texts).screenshot({ path: `${folder}/${name}.png` });
  }

  /** The whole of the Home tab, however long it is. */
  async pictureOfHome(name: string): Promise<void> {
    await this.pictureWhole('.home-inner', name);
  }

  /** The whole of the open form. */
  async pictureOfModal(name: string): Promise<void> {
    await this.pictureWhole('.modal', name);
  }

  private async pictureWhole(selector: string, name: string): Promise<void> {
    const folder = process.env['AIXOPS_SCREENSHOTS'];
    if (folder === undefined) return;
    const size = this.page.viewportSize() ?? { width: 1500, height: 1000 };
    const part = this.page.locator(selector).first();
    const body = selector === '.modal' ? '.modal-body' : selector;
    const height = Number(await this.page.evaluate(`document.querySelector('${body}').scrollHeight`));
    await this.page.setViewportSize({
      width: size.width,
      height: Math.min(12_000, Math.ceil(height * 1.3) + 400),
    });
    await part.screenshot({ path: `${folder}/${name}.png` });
    await this.page.setViewportSize(size);
  }

  private message(texts: readonly (string | RegExp)[]): Locator {
    let message = this.page.locator('.msg');
    for (const text of texts) message = message.filter({ hasText: text });
    return message.last();
  }
}
