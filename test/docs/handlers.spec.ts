import { Test } from '@nestjs/testing';
import { LockerTesting } from 'nestjs-datastore-locker/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HandlersModule, Import, Order, Outside, Part, Report } from './handlers.js';
import { blocksOf, read } from './pages.js';

const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

describe('the handlers in the documentation', () => {
  let testing: LockerTesting;
  const outside = () => testing.get(Outside);

  beforeAll(async () => {
    testing = await LockerTesting.start(Test.createTestingModule({ imports: [HandlersModule] }), {
      configure: (app) => app.useLogger(false),
    });
  });
  afterEach(() => testing.reset());
  afterAll(() => testing.close());

  it.each([
    ['docs/effects.md', 'order.letter'],
    ['docs/long-work.md', 'import.slice'],
    ['docs/fan-out.md', 'report.split'],
  ])('are those that run here: %s, %s', (document, task) => {
    const shown = blocksOf(read(document)).find(({ code }) => code.includes(`'${task}'`));
    expect(squeezed(read('test/docs/handlers.ts'))).toContain(squeezed(shown?.code ?? 'nothing'));
  });

  it('send a letter at most once, though the answer of the post is lost', async () => {
    const key = testing.locker.key(Order, 'one');
    outside().trouble = () => {
      throw new Error('connection reset');
    };
    await testing.locker.schedule(key, new Order(), 'order.letter');
    await testing.tasks.drain();
    expect(outside().letters).toEqual(['somebody']);
    await testing.expectChain(key).toHaveFailed('may be on its way');

    await testing.locker.update(key, (order) => {
      order.letterTried = false;
    });
    await testing.locker.retry(key);
    await testing.tasks.drain();
    await testing.expectChain(key).toBeCompleted();
    expect(outside().letters).toHaveLength(2);
  });

  it('go on with an import at the page that was lost, and count each row once', async () => {
    const key = testing.locker.key(Import, 'one');
    outside().trouble = () => {
      throw new Error('the store is away');
    };
    await testing.locker.schedule(key, new Import(), 'import.slice');
    await testing.tasks.drain();
    await testing.expectChain(key).toBeCompleted();
    expect(outside().pages).toBe(6);
    expect([...outside().stored.values()].flat()).toHaveLength(5);
    expect((await testing.locker.get(key))?.rows).toBe(5);
  });

  it('sum up a report when all of its parts have arrived', async () => {
    const key = testing.locker.key(Report);
    await testing.locker.schedule(key, new Report(), 'report.split');
    await testing.tasks.drain();
    await testing.expectChain(key).toBeCompleted();
    expect(await testing.locker.get(key)).toMatchObject({ parts: 10, total: 20, missing: 0 });
    const part = testing.locker.key(Part, `${String(key.id)}-9`);
    await testing.expectChain(part).toHaveCommitted(1);
  });
});
