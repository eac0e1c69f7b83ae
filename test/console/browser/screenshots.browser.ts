import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application } from '../../support/application.js';
import { startShop } from '../shop.js';
import { launch, openPage, overflow, picture, windows } from './open-page.js';
import { playNight } from './scene.js';

const places = {
  overview: '#/',
  chain: '#/chain?key=Order%2F%222026-11-4201%22',
  running: '#/chain?key=Order%2F%222026-11-4231%22',
  failed: '#/chain?key=Order%2F%222026-11-4179%22',
  list: '#/chains?kind=Order&state=owing',
  emulator: '#/emulator',
};

/** The pictures of README.md, which `npm run docs:screenshots` makes: those alone, in the folder that it names. */
const documented = [
  'console-overview-desktop-light',
  'console-overview-desktop-dark',
  'console-chain-desktop-light',
  'console-chain-desktop-dark',
  'console-overview-phone-light',
  'console-running-phone-light',
];

describe('a night in the shop', () => {
  let browser: Browser;
  let shop: Application;
  let end: () => void;
  beforeAll(async () => {
    browser = await launch();
    shop = await startShop();
    ({ end } = await playNight(shop));
  });
  afterAll(async () => {
    end();
    await browser.close();
    await shop.stop();
  });

  it.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)(
    'fits into its window, and is kept as a picture (%s, %s)',
    async (window, colorScheme) => {
      const { page, complaints } = await openPage(browser, { ...windows[window], colorScheme });
      const isForDocs = process.env['PICTURES'] !== undefined;
      for (const [name, hash] of Object.entries(places)) {
        const file = `console-${name}-${window}-${colorScheme}`;
        if (isForDocs && !documented.includes(file)) continue;
        await page.goto(`${shop.baseUrl}/locker${hash}`);
        await page.reload();
        await page.locator('main :is(.tiles, .picture svg, .list, .card)').first().waitFor();
        await page.locator('#live[data-live=yes]').waitFor();
        expect(await overflow(page), `${name} is wider than its window`).toBeLessThanOrEqual(0);
        await picture(page, file, !isForDocs && name !== 'overview');
      }
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );
});
