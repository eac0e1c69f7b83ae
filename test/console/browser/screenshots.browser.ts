import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application } from '../../support/application.js';
import { startShop } from '../shop.js';
import { launch, openPage, overflow, picture, windows } from './open-page.js';
import { playNight } from './scene.js';

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

  const places = {
    overview: '#/',
    chain: '#/chain?key=Order%2F%222026-11-4201%22',
    running: '#/chain?key=Order%2F%222026-11-4231%22',
    failed: '#/chain?key=Order%2F%222026-11-4179%22',
    list: '#/chains?kind=Order&state=owing',
    emulator: '#/emulator',
  };

  it.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)('looks well (%s, %s)', async (window, colorScheme) => {
    const { page, complaints } = await openPage(browser, { ...windows[window], colorScheme });
    for (const [name, hash] of Object.entries(places)) {
      await page.goto(`${shop.baseUrl}/locker${hash}`);
      await page.reload();
      await page.locator('main :is(.tiles, .picture svg, .list, .card)').first().waitFor();
      await page.locator('#live[data-live=yes]').waitFor();
      await picture(page, `console-${name}-${window}-${colorScheme}`, name !== 'overview');
      expect(await overflow(page), `${name} is wider than its window`).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
