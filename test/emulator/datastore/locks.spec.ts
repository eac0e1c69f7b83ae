import { describe, expect, it } from 'vitest';
import { Status } from '../../../lib/google/status.js';
import { entityOf, integer, outcomes, projectId, TestEngine } from './engine.js';

/** Tells whether a promise is still waiting after everything that can happen at once has happened. */
async function isPending(promise: Promise<unknown>, test: TestEngine): Promise<boolean> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await test.clock.advance(0);
  return !isSettled;
}

describe('locks of pessimistic transactions', () => {
  it('keeps a commit waiting while another transaction has read the entity', async () => {
    const test = new TestEngine('pessimistic');
    const [reader, holder] = [await test.begin(), await test.begin()];
    await test.get(1, reader);

    const commit = test.commit(holder, entityOf(1));

    expect(await isPending(commit, test)).toBe(true);
    await test.engine.rollback({ projectId, transaction: reader });
    expect(await isPending(commit, test)).toBe(false);
    await commit;
  });

  it('keeps a write outside any transaction waiting too', async () => {
    const test = new TestEngine('pessimistic');
    const reader = await test.begin();
    await test.get(1, reader);

    const write = test.put(entityOf(1));

    expect(await isPending(write, test)).toBe(true);
    await test.commit(reader);
    await write;
  });

  it('does not delay the holder when the busy reader rolls back before answering', async () => {
    const test = new TestEngine('pessimistic');
    const started = test.clock.now();
    const [holder, reader] = [await test.begin(), await test.begin()];
    await test.get(1, holder);
    await test.get(1, reader);
    await test.engine.rollback({ projectId, transaction: reader });

    await test.commit(holder, entityOf(1));

    expect(test.clock.now() - started).toBe(0);
  });

  it('frees the locks of a transaction left open after 60 s', async () => {
    const test = new TestEngine('pessimistic');
    const reader = await test.begin();
    await test.get(1, reader);
    const write = test.put(entityOf(1));

    await test.clock.advance(59_999);
    expect(await isPending(write, test)).toBe(true);
    await test.clock.advance(1);

    await write;
  });

  it('aborts a write that has waited 90 s for a transaction in steady use', async () => {
    const test = new TestEngine('pessimistic');
    const reader = await test.begin();
    const write = test.get(1, reader).then(() => test.put(entityOf(1)));
    const settled = write.catch((error: unknown) => error);
    await test.clock.advance(45_000);
    await test.get(1, reader);

    await test.clock.advance(45_000);

    expect(await settled).toMatchObject({ code: Status.ABORTED });
  });

  it('serves those who wait in the order in which they came', async () => {
    const test = new TestEngine('pessimistic');
    const reader = await test.begin();
    await test.get(1, reader);
    const order: string[] = [];
    const late = await test.begin();
    const waiting = [
      test.put(entityOf(1, { n: integer(1) })).then(() => order.push('first write')),
      test.get(1, late).then(() => order.push('read')),
      test.put(entityOf(1, { n: integer(2) })).then(() => order.push('second write')),
    ];
    await test.clock.advance(0);

    await test.engine.rollback({ projectId, transaction: reader });
    await test.clock.advance(0);
    expect(order).toEqual(['first write', 'read']);
    await test.engine.rollback({ projectId, transaction: late });
    await Promise.all(waiting);

    expect(order).toEqual(['first write', 'read', 'second write']);
  });

  it('aborts one of two transactions that wait for each other', async () => {
    const test = new TestEngine('pessimistic');
    const [first, second] = [await test.begin(), await test.begin()];
    await test.get('a', first);
    await test.get('b', second);

    const { won, codes } = await outcomes([
      test.commit(first, entityOf('b')),
      test.commit(second, entityOf('a')),
    ]);

    expect({ won: won.length, codes }).toEqual({ won: 1, codes: [Status.ABORTED] });
  });

  it('lets a transaction read again what it holds while another waits to write it', async () => {
    const test = new TestEngine('pessimistic');
    const reader = await test.begin();
    await test.get(1, reader);
    const write = test.put(entityOf(1));

    await test.get(1, reader);
    const commit = await test.commit(reader, entityOf(1, { n: integer(1) }));

    expect((await write).commitTime).not.toEqual(commit.commitTime);
  });

  it('fails with UNAVAILABLE whatever waits when the engine is closed', async () => {
    const test = new TestEngine('pessimistic');
    const reader = await test.begin();
    await test.get(1, reader);
    const write = test.put(entityOf(1)).catch((error: unknown) => error);
    await test.clock.advance(0);

    test.engine.close();

    expect(await write).toMatchObject({ code: Status.UNAVAILABLE });
    await expect(test.get(1)).rejects.toMatchObject({ code: Status.UNAVAILABLE });
    expect(test.clock.pending).toBe(0);
  });
});
