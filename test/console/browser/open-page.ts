import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findChromium } from './find-chromium.js';

/** The windows that the console is looked at in. */
export const windows = {
  desktop: { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 2 },
  phone: {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
} satisfies Record<string, BrowserContextOptions>;

/** Chromium, without what it needs no more than a test does. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // Containers have neither its sandbox's privileges nor a large /dev/shm.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'],
  });
}

/** What a page complained of. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
}

/** A page whose errors and violations of its own policy are noted. */
export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<Watched> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  // As text, because it runs there and not here.
  await page.addInitScript({
    content: `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error('CSP: ' + violatedDirective + ' ' + blockedURI));`,
  });
  return { page, complaints };
}

const folder = process.env['PICTURES'] ?? 'test-pictures';

/** Keeps a picture of a page. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

/** How many pixels of a page are to the right of its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}
