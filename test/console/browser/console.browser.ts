import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CanActivate } from '@nestjs/common';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Application } from '../../support/application.js';
import { eventually } from '../../support/eventually.js';
import { Watchers } from '../../../lib/console/watchers.js';
import { Billing, Circumstances, declined, Order, startShop } from '../shop.js';
import { launch, openPage, picture, windows, type Watched } from './open-page.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const at = (name: string) => `#/chain?key=${encodeURIComponent(`Order/"${name}"`)}`;
const figure = (page: Page, tile: string) =>
  page.locator('.tile', { hasText: tile }).locator('.figure');
const confirm = (page: Page, label: string) =>
  page.locator('dialog').getByRole('button', { name: label, exact: true }).click();

describe('the console in a browser', () => {
  let browser: Browser;
  let shop: Application;
  let orders = 0;
  const opened: Watched[] = [];
  beforeAll(async () => {
    browser = await launch();
    shop = await startShop();
  });
  afterEach(async () => {
    const complaints = opened.flatMap((one) => one.complaints);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    opened.length = 0;
    if (complaints.length > 0) throw new Error(`The page complained: ${complaints.join('; ')}`);
    shop.emulator.faults.hold();
    await shop.emulator.tasks.idle();
    shop.emulator.reset();
    await shop.reset();
  });
  afterAll(async () => {
    await browser.close();
    await shop.stop();
  });

  async function open(hash = '#/', options: object = windows.desktop): Promise<Page> {
    const watched = await openPage(browser, options);
    opened.push(watched);
    await watched.page.goto(`${shop.baseUrl}/locker${hash}`);
    await watched.page.locator('#live[data-live=yes]').waitFor();
    return watched.page;
  }

  async function place(name = `order-${++orders}`) {
    const key = shop.locker.key(Order, name);
    const order = Object.assign(new Order(), { customer: 'Ada', total: 12 });
    await shop.locker.schedule(key, order, 'order.charge');
    return { name, key };
  }

  async function fail() {
    const { troubles } = shop.get(Circumstances);
    const name = `order-${++orders}`;
    troubles.set(name, declined);
    const placed = await place(name);
    await until(placed.key, 'failed');
    troubles.delete(name);
    return placed;
  }

  async function hold() {
    const name = `order-${++orders}`;
    const gate = shop.get(Circumstances).gate(name);
    const placed = await place(name);
    await gate.reached;
    return { ...placed, gate };
  }

  const until = (key: Parameters<typeof shop.locker.inspect>[0], state: string) =>
    eventually(async () => (await shop.locker.inspect(key)).lock.state === state);

  it('says at a glance how things are, and says it anew when that changes', async () => {
    const page = await open();
    await page.getByText('All is well: nothing failed, nothing is overdue.').waitFor();
    await fail();
    await page.getByText('1 run failed.').waitFor();
    await expect.poll(() => figure(page, 'Failed').textContent()).toBe('1');
    const { gate, key } = await hold();
    await expect.poll(() => figure(page, 'Running').textContent()).toBe('1');
    gate.open();
    await expect.poll(() => figure(page, 'Running').textContent()).toBe('0');
    await until(key, 'ready');
    await expect.poll(() => figure(page, 'Due or scheduled').textContent()).toBe('1');
  });

  it('follows a chain while it runs, in words and as a picture', async () => {
    const { name, gate, key } = await hold();
    const page = await open(at(name));
    const sentence = page.locator('#sentence');
    await expect
      .poll(() => sentence.textContent())
      .toMatch(
        /^Step 1 \(order\.charge\) is held by \S+ for \d+ s, renewed .+, and may be taken over in 1 min \d s\.$/,
      );
    await page.locator('.bar.live').waitFor();
    await picture(page, 'test-running');
    gate.open();
    await until(key, 'ready');
    await expect
      .poll(() => sentence.textContent())
      .toMatch(/^Step 3 \(order\.ship\) is due in 1 min/);
    expect(await page.locator('.bar.good').count()).toBe(2);
    expect(await page.locator('.timeline .label').allTextContents()).toEqual([
      'step 1',
      'step 2',
      'step 3',
    ]);
    await page.getByText('The same as a table').click();
    // Open details stay open while the view is drawn anew.
    await page.waitForTimeout(2_500);
    expect(await page.locator('details tbody tr').count()).toBe(2);
    expect(await page.locator('details').getAttribute('open')).toBe('');
  });

  it('filters chains, and finds one by how its name begins', async () => {
    await fail();
    const { name } = await place();
    const other = await place('special-7');
    await until(other.key, 'ready');
    const page = await open('#/chains');
    const keys = () => page.locator('.list tbody th').allTextContents();
    await expect.poll(async () => (await keys()).length).toBe(2);
    await page.getByLabel('State').selectOption('failed');
    await expect.poll(keys).toEqual([`Order/"order-${orders - 1}"`]);
    expect(page.url()).toContain('state=failed');
    await page.getByRole('heading', { name: 'Chains' }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('special-');
    await page.keyboard.press('Enter');
    await expect.poll(keys).toEqual(['Order/"special-7"']);
    await page.getByRole('link', { name: 'Order/"special-7"' }).click();
    await page.getByRole('heading', { name: 'Order/"special-7"' }).waitFor();
    expect(name).not.toBe('special-7');
  });

  it('shows more of many, page by page', async () => {
    shop.emulator.faults.hold();
    await shop.locker.scheduleAll(
      Array.from({ length: 120 }, (_, index) => ({
        key: shop.locker.key(Order, `many-${String(index).padStart(3, '0')}`),
        entity: new Order(),
        task: 'order.charge',
      })),
    );
    const page = await open('#/chains?kind=Order&state=any');
    const rows = page.locator('.list tbody tr');
    for (const shown of [50, 100]) {
      await expect.poll(() => rows.count()).toBe(shown);
      await page.getByRole('button', { name: 'Show more' }).click();
    }
    await expect.poll(() => rows.count()).toBe(120);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    expect(new Set(await page.locator('.list tbody th').allTextContents()).size).toBe(120);
  });

  it('lets a failed chain go on, once that is confirmed, to its end', async () => {
    const { name, key } = await fail();
    const page = await open(at(name));
    await page.getByText('card_declined').first().waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await confirm(page, 'No, leave it');
    expect((await shop.locker.inspect(key)).lock.state).toBe('failed');
    await page.getByRole('button', { name: 'Retry' }).click();
    await confirm(page, 'Retry');
    await page.getByText('The run goes on. Its task is in the queue.').waitFor();
    await eventually(async () => (await shop.locker.inspect(key)).lock.step === 3);
    for (const step of [3, 4]) {
      await expect.poll(() => page.locator('#sentence').textContent()).toMatch(`Step ${step}`);
      await page.getByRole('button', { name: 'Run now' }).click();
      await confirm(page, 'Run now');
      await eventually(async () => (await shop.locker.inspect(key)).lock.step !== step);
    }
    await expect
      .poll(() => page.locator('#sentence').textContent())
      .toMatch(/^The run is complete/);
    expect(await page.locator('.actions').isVisible()).toBe(false);
    expect(
      shop.logged('log').filter((line) => line.startsWith('ada@shop.example did')),
    ).toHaveLength(3);
  });

  it('asks twice before it releases a lease, and says the risk', async () => {
    const { name, key, gate } = await hold();
    const page = await open(at(name));
    await page.getByRole('button', { name: 'Release the lease' }).click();
    await page.locator('dialog').getByText('may happen twice').waitFor();
    await confirm(page, 'Go on …');
    await page.locator('dialog').getByText('Are you sure').waitFor();
    await picture(page, 'test-release');
    expect((await shop.locker.inspect(key)).lock.state).toBe('held');
    await page.keyboard.press('Escape');
    expect((await shop.locker.inspect(key)).lock.state).toBe('held');
    await page.getByRole('button', { name: 'Release the lease' }).click();
    await confirm(page, 'Go on …');
    await confirm(page, 'Release the lease');
    await page.getByText('The lease is released. The step runs again after its backoff.').waitFor();
    expect((await shop.locker.inspect(key)).lock).toMatchObject({ state: 'ready', tries: 1 });
    gate.open();
    await expect.poll(() => page.locator('.bar.bad').count()).toBe(1);
  });

  it('cancels a run, by the keyboard alone', async () => {
    shop.emulator.faults.hold();
    const { name, key } = await place();
    const page = await open(at(name));
    const button = page.getByRole('button', { name: 'Cancel the run' });
    await button.waitFor();
    await page.locator('#main').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel the run');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor();
    // The way out is what has the focus first.
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    expect((await shop.locker.inspect(key)).lock.state).toBe('ready');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('The run is cancelled.').waitFor();
    expect((await shop.locker.inspect(key)).lock.state).toBe('cancelled');
  });

  it('says what could not be done, because somebody was faster', async () => {
    shop.emulator.faults.hold();
    const { name, key } = await place();
    const page = await open(at(name));
    await page.getByRole('button', { name: 'Cancel the run' }).click();
    await shop.locker.cancel(key);
    await confirm(page, 'Cancel the run');
    await expect
      .poll(() => page.locator('#toast.problem').textContent())
      .toMatch('is cancelled, so it cannot be cancelled');
    // The answer 409 is noted by browsers themselves.
    opened.at(-1)?.complaints.splice(0);
  });

  it('tells that it has lost its server, and comes back by itself', async () => {
    const page = await open();
    await page.context().setOffline(true);
    shop.nest.get(Watchers, { strict: false }).end();
    await expect.poll(() => page.locator('#live-text').textContent()).toBe('reconnecting');
    await page.context().setOffline(false);
    await expect.poll(() => page.locator('#live-text').textContent()).toBe('live');
    opened.at(-1)?.complaints.splice(0);
  });

  it('shows a waiting chain, and a timeline without history', async () => {
    const bare = await startShop({}, { options: { historyLength: 0 } });
    const key = bare.locker.key(Billing, 'b');
    await bare.locker.schedule(
      key,
      Object.assign(new Billing(), { invoices: 3 }),
      'billing.collect',
    );
    await eventually(async () => (await bare.locker.inspect(key)).lock.state === 'waiting');
    const watched = await openPage(browser, windows.desktop);
    await watched.page.goto(`${bare.baseUrl}/locker#/chain?key=Billing%2F%22b%22`);
    await expect
      .poll(() => watched.page.locator('#sentence').textContent())
      .toMatch(
        /^Step 2 \(billing\.close\) waits for 3 arrivals, and goes on without them in 5 h 59 min\.$/,
      );
    await watched.page.getByText('No history is kept: the option historyLength is 0.').waitFor();
    await watched.page.locator('.timeline .ahead').waitFor();
    expect(watched.complaints).toEqual([]);
    await watched.page.context().close();
    await bare.stop();
  });

  it('is refused where the guard refuses', async () => {
    const nobody: CanActivate = { canActivate: () => false };
    const closed = await startShop({ guards: [nobody] });
    const { page } = await openPage(browser, windows.desktop);
    const answer = await page.goto(`${closed.baseUrl}/locker`);
    expect(answer?.status()).toBe(403);
    expect(await page.locator('main').count()).toBe(0);
    await page.context().close();
    await closed.stop();
  });

  describe.each(['light', 'dark'] as const)('for everybody, %s', (colorScheme) => {
    it.each(['desktop', 'phone'] as const)(
      'has no accessibility problem that axe finds (%s)',
      async (window) => {
        const failed = await fail();
        const held = await hold();
        const problems: Record<string, unknown> = {};
        for (const hash of [
          '#/',
          '#/chains?state=any',
          at(failed.name),
          at(held.name),
          '#/emulator',
        ]) {
          const page = await open(hash, {
            ...windows[window],
            colorScheme,
            reducedMotion: 'reduce',
          });
          await page.locator('main :is(.tiles, .list, .card)').first().waitFor();
          problems[hash] = await violations(page);
        }
        const page = opened.at(-1)?.page;
        await page?.goto(`${shop.baseUrl}/locker${at(held.name)}`);
        await page?.getByRole('button', { name: 'Release the lease' }).click();
        problems['dialog'] = page && (await violations(page));
        held.gate.open();
        expect(Object.values(problems).flat()).toEqual([]);
      },
    );
  });
});

/** What axe finds wrong with a page. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)))`,
  );
}
