import type { Key } from '@google-cloud/datastore';
import { RunActiveError, type LockerTransaction } from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CommitRequest } from '../../lib/google/datastore-api.js';
import { adapters, Application, projectId } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { notOn } from '../support/google-datastore.js';
import { Job, type Part } from '../support/jobs.js';

const options = { namespaces: ['', 'tenant'] } as const;
const rivals = notOn('firestore', 'the other writer waits for the transaction that waits for it');

describe.each(adapters)('a transaction, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter, options });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  const stored = async (count = 0, name?: string) => {
    const key = name
      ? application.locker.key(Job, name, { namespace: 'tenant' })
      : application.job();
    const job = new Job();
    job.count = count;
    await application.locker.transact((tx) => Promise.resolve(tx.save(key, job)));
    return key;
  };

  /** Runs a handler once; its answer, and what it did. */
  async function step(part: Part, task = 'one') {
    const { key, run } = await application.startHeld(part, task);
    const answer = await application.deliver({ key, run, step: 1, task });
    return { key, run, answer, job: await application.locker.get(key) };
  }

  /** Another writer's change, between a transaction's read and its commit. */
  const increment = (key: Key) =>
    application.locker.update(application.locker.key(Job, key.name), (job) => {
      job.count += 10;
    });

  it('reads what it has saved itself, and stores all or nothing', async () => {
    const { locker } = application;
    const [one, two, none] = [await stored(1), await stored(2), application.job()];
    const seen: unknown[] = [];
    const work = async (tx: LockerTransaction) => {
      const [a, b] = [await tx.get(one), await tx.get(two)];
      if (!a || !b) throw new Error('missing');
      seen.push(await tx.get(none));
      a.count += b.count;
      tx.save(one, a);
      seen.push((await tx.get(one))?.count);
      tx.delete(two);
      seen.push(await tx.get(two));
      const fresh = new Job();
      fresh.count = 7;
      tx.save(none, fresh);
      seen.push((await tx.get(none))?.count);
      return 'result';
    };
    await expect(
      locker.transact(async (tx) => {
        await work(tx);
        throw new Error('after all not');
      }),
    ).rejects.toThrow('after all not');
    expect((await locker.get(one))?.count).toBe(1);
    expect((await locker.get(two))?.count).toBe(2);
    expect(await locker.get(none)).toBeUndefined();

    seen.length = 0;
    expect(await locker.transact(work)).toBe('result');
    expect(seen).toEqual([undefined, 3, undefined, 7]);
    expect((await locker.get(one))?.count).toBe(3);
    expect(await locker.get(two)).toBeUndefined();
    expect((await locker.get(none))?.count).toBe(7);
  });

  it('runs again with fresh copies when another writer came first', rivals, async () => {
    const { locker } = application;
    const key = await stored(1);
    const seen: number[] = [];
    const objects = new Set<Job | undefined>();
    await locker.transact(async (tx) => {
      const job = await tx.get(key);
      objects.add(job);
      seen.push(job?.count ?? NaN);
      if (seen.length === 1) await increment(key);
      if (job) {
        job.count += 1;
        tx.save(key, job);
      }
    });
    expect(seen).toEqual([1, 11]);
    expect(objects.size).toBe(2);
    expect((await locker.get(key))?.count).toBe(12);
  });

  it('goes over two namespaces, and starts what it schedules', async () => {
    const { locker, emulator, script } = application;
    const key = await stored(1);
    const tenant = locker.key(Job, 'over', { namespace: 'tenant' });
    await locker.transact(async (tx) => {
      const job = await tx.get(key);
      if (job) tx.schedule(key, job, 'one');
      tx.schedule(tenant, new Job(), 'two', { body: { n: 1 } });
    });
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1']);
    expect(script.summary(tenant)).toEqual(['two 1/1']);
    expect(await locker.get(key)).toMatchObject({ count: 1, lock: { state: 'completed' } });
  });

  it('is refused where a run is under way, as a whole', async () => {
    const { locker } = application;
    const { key } = await application.startHeld();
    const bystander = await stored(1);
    const before = await application.proto(key);
    const transaction = locker.transact(async (tx) => {
      const job = await tx.get(bystander);
      if (job) {
        job.count = 2;
        tx.save(bystander, job);
      }
      tx.schedule(key, new Job(), 'two');
    });
    await expect(transaction).rejects.toThrow(RunActiveError);
    expect((await locker.get(bystander))?.count).toBe(1);
    expect(await application.proto(key)).toEqual(before);
  });

  it("does not touch a run's lock by saving its entity", async () => {
    const { locker } = application;
    const { key, run } = await application.startHeld();
    const before = await application.lock(key);
    await locker.transact(async (tx) => {
      const job = await tx.get(key);
      if (job) tx.save(key, Object.assign(job, { count: 4 }));
    });
    expect((await locker.get(key))?.count).toBe(4);
    expect(await application.lock(key)).toEqual(before);
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer).toMatchObject({ body: { outcome: 'completed' } });
  });

  it('outside of handlers ends no step', async () => {
    const { locker } = application;
    await expect(locker.transact((tx) => Promise.resolve(tx.next()))).rejects.toMatchObject({
      code: 'WRONG_ENTITY',
      message: expect.stringMatching(/runs in no handler/) as unknown,
    });
    await expect(
      locker.transact((tx) => Promise.resolve(tx.save(locker.key(Job), new Job()))),
    ).rejects.toMatchObject({ code: 'WRONG_ENTITY' });
  });

  it.each<[string, string, number]>([
    ['next', 'advanced', 2],
    ['complete', 'completed', -1],
  ])(
    'of a handler ends its step with %s, and dispatches its partners',
    async (how, outcome, at) => {
      const partner = application.job();
      const counter = await stored(5);
      const { answer, job } = await step((own, lease) => {
        if (lease.step > 1) return undefined;
        return application.locker.transact(async (tx) => {
          own.count = lease.step;
          const other = await tx.get(counter);
          if (other) tx.save(counter, Object.assign(other, { count: other.count + 1 }));
          tx.schedule(partner, new Job(), 'one');
          if (how === 'next') tx.next('two', { body: { n: 1 } });
          else tx.complete();
        });
      });
      expect(answer).toMatchObject({ status: 200, body: { outcome } });
      expect(job).toMatchObject({ count: 1, lock: { step: at, leaseId: '' } });
      expect((await application.locker.get(counter))?.count).toBe(6);
      application.emulator.faults.release();
      await application.emulator.drain();
      expect(application.script.summary(partner)).toEqual(['one 1/1']);
    },
  );

  it('of a handler renews its lease by saving its entity', async () => {
    const { key, run } = await application.startHeld(async (own, lease) => {
      await application.clock.advance(20_000);
      const before = (await application.lock(lease.key)).timestamp ?? 0;
      await application.locker.transact((tx) => {
        own.count = 3;
        tx.save(lease.key, own);
        return Promise.resolve();
      });
      const { timestamp = 0, state } = await application.lock(lease.key);
      own.trail.push(state, timestamp - before >= 20_000 ? 'renewed' : 'old');
    });
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(await application.locker.get(key)).toMatchObject({
      count: 3,
      trail: ['held', 'renewed'],
    });
  });

  it.each<[string, (tx: LockerTransaction) => void]>([
    ['that settles', (tx) => tx.next('two')],
    ['that saves its own entity', () => undefined],
  ])('of a zombie %s writes nothing', async (_, settle) => {
    const gate = new Gate();
    const counter = await stored(0);
    const errors: unknown[] = [];
    const { key, run } = await application.startHeld(async (own, lease) => {
      if (lease.attempt > 1) return;
      await gate.pass();
      await application.locker
        .transact((tx) => {
          tx.save(counter, Object.assign(new Job(), { count: 1 }));
          settle(tx);
          tx.save(key, own);
          return Promise.resolve();
        })
        .catch((error: unknown) => errors.push(error));
    });
    const zombie = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    application.own.stall();
    await application.clock.advance(66_000);
    const heir = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(heir).toMatchObject({ body: { outcome: 'completed' } });
    const before = await application.proto(key);
    gate.open();
    expect(await zombie).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(errors).toMatchObject([{ code: 'LEASE_LOST' }]);
    expect(await application.proto(key)).toEqual(before);
    expect((await application.locker.get(counter))?.count).toBe(0);
  });

  it('settles a step once', async () => {
    const errors: unknown[] = [];
    const { answer, job } = await step(async () => {
      await application.locker.transact((tx) => Promise.resolve(tx.next('two')));
      await application.locker
        .transact((tx) => Promise.resolve(tx.complete()))
        .catch((error: unknown) => errors.push(error));
    });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
    expect(errors).toMatchObject([{ code: 'ALREADY_SETTLED' }]);
    expect(job?.lock).toMatchObject({ step: 2, task: { name: 'two' } });
  });

  it('that asks for two settles is refused, and the attempt with it', async () => {
    const { answer, job } = await step(() =>
      application.locker
        .transact((tx) => {
          tx.next('two');
          tx.complete();
          return Promise.resolve();
        })
        .catch(() => undefined),
    );
    expect(answer.status).toBe(500);
    expect(job?.lock).toMatchObject({ state: 'ready', step: 1, tries: 1 });
  });

  it('whose settle is refused fails the attempt, whether the handler says so or not', async () => {
    const { answer, job } = await step((own) => {
      own.count = 1;
      return application.locker
        .transact((tx) => {
          tx.next('two');
          return Promise.reject(new Error('no'));
        })
        .catch(() => undefined);
    });
    expect(answer.status).toBe(500);
    expect(job).toMatchObject({ count: 0, lock: { state: 'ready', step: 1, tries: 1 } });
  });

  it('that settles nothing may fail, and the handler go on', async () => {
    const { answer, job } = await step(async (own) => {
      await application.locker.transact(() => Promise.reject(new Error('no'))).catch(() => 0);
      own.count = 1;
    });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect(job).toMatchObject({ count: 1 });
  });

  it.each<[string, Part]>([
    ['lease.save()', (_, lease) => lease.save()],
    ['lease.renew()', (_, lease) => lease.renew()],
    ['lease.next()', (_, lease) => lease.next()],
    ['another transaction', () => application.locker.transact(() => Promise.resolve())],
  ])('refuses %s inside it, and does not wait for itself', async (_, use) => {
    const errors: unknown[] = [];
    const { answer } = await step((own, lease, body) =>
      application.locker.transact(async (tx) => {
        await Promise.resolve()
          .then(() => use(own, lease, body))
          .catch((error: unknown) => errors.push(error));
        tx.complete();
      }),
    );
    expect(errors).toMatchObject([
      {
        code: 'TRANSACTION_UNDER_WAY',
        message: expect.stringMatching(/Inside it use only what it is given/) as unknown,
      },
    ]);
    expect(answer.status).toBe(200);
  });

  it('refuses to schedule its own entity, and names the cure', async () => {
    const { job } = await step((own, lease) =>
      application.locker.transact((tx) =>
        Promise.resolve(tx.schedule(lease.key as ReturnType<Application['job']>, own, 'two')),
      ),
    );
    expect(job?.lock.error).toMatch(/Use next\(\)/);
  });

  describe('whose commit may have been applied', () => {
    const faults = ['fail-before', 'fail-after'] as const;

    /** The commit after `skip` others is answered by an error. */
    const strike = (fault: (typeof faults)[number], skip: number) => {
      let left = skip;
      const add = () => application.emulator.faults.add({ fault, method: 'commit', times: 1 });
      if (left === 0) return void add();
      const stop = application.emulator.tap((event) => {
        if (event.type !== 'call' || event.method !== 'commit' || --left > 0) return;
        stop();
        add();
      });
    };

    it.each(faults)('recognises its settle (%s)', async (fault) => {
      const counter = await stored(0);
      strike(fault, 2);
      const { answer, job } = await step(() =>
        application.locker.transact(async (tx) => {
          const other = await tx.get(counter);
          if (other) tx.save(counter, Object.assign(other, { count: other.count + 1 }));
          tx.next('two');
        }),
      );
      expect(application.emulator.faults.rules).toEqual([]);
      expect(answer).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
      expect(job?.lock).toMatchObject({ step: 2, state: 'ready' });
      expect((await application.locker.get(counter))?.count).toBe(1);
      expect((await application.tasks()).length).toBe(2);
    });

    it.each(faults)('recognises the run that it began (%s)', async (fault) => {
      const [counter, key] = [await stored(0), application.job()];
      strike(fault, 0);
      await application.locker.transact(async (tx) => {
        const other = await tx.get(counter);
        if (other) tx.save(counter, Object.assign(other, { count: other.count + 1 }));
        tx.schedule(key, new Job(), 'one');
      });
      expect((await application.locker.get(counter))?.count).toBe(1);
      await application.emulator.drain();
      expect(application.script.summary(key)).toEqual(['one 1/1']);
    });

    it.each([1, 2])(
      'dispatches what was stored: of %d tries in doubt the first, which took effect late',
      rivals,
      async (inDoubt) => {
        const { emulator, locker, script } = application;
        const children = [application.job(), application.job(), application.job()] as const;
        const commits: CommitRequest[] = [];
        strike('fail-before', 2);
        const untap = emulator.tap((event) => {
          if (event.type === 'call' && event.method === 'commit' && event.error)
            commits.push(event.request as CommitRequest);
        });
        let tries = 0;
        const { answer, job } = await step(async (_, lease) => {
          if (lease.step > 1) return;
          await locker.transact(async (tx) => {
            tx.schedule(children[tries++] ?? children[0], new Job(), 'one');
            tx.next('two');
            if (tries !== 2) return;
            const [first] = commits;
            const mutations = first?.mutations ?? [];
            await emulator.datastore.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations });
            if (inDoubt === 2) strike('fail-before', 0);
          });
        });
        untap();
        expect(tries).toBe(2);
        expect(commits).toHaveLength(2);
        expect(answer).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
        expect(job?.lock).toMatchObject({ step: 2 });
        emulator.faults.clear();
        await emulator.drain();
        expect(script.summary(children[0])).toEqual(['one 1/1']);
        expect(await locker.get(children[1])).toBeUndefined();
      },
    );

    it.each(faults)('says so when nothing tells (%s)', async (fault) => {
      const counter = await stored(0);
      let runs = 0;
      strike(fault, 0);
      await expect(
        application.locker.transact(async (tx) => {
          runs++;
          const other = await tx.get(counter);
          if (other) tx.save(counter, Object.assign(other, { count: other.count + 1 }));
        }),
      ).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', status: 503 });
      expect(runs).toBe(1);
      expect((await application.locker.get(counter))?.count).toBe(fault === 'fail-after' ? 1 : 0);
    });

    it.each(faults)(
      'in a handler leaves its lease as it is when nothing tells (%s)',
      async (fault) => {
        const counter = await stored(0);
        const errors: unknown[] = [];
        strike(fault, 2);
        const { answer, job } = await step(async (own) => {
          own.count = 1;
          await application.locker
            .transact((tx) => Promise.resolve(tx.save(counter, new Job())))
            .catch((error: unknown) => errors.push(error));
        });
        expect(errors).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }]);
        expect(answer).toMatchObject({ status: 200, body: { outcome: 'completed' } });
        expect(job).toMatchObject({ count: 1 });
      },
    );
  });

  it('gives many writers of one entity their turns', async () => {
    const { locker } = application;
    const key = await stored(0);
    await Promise.all(
      Array.from({ length: 8 }, () =>
        locker.update(key, (job) => {
          job.count += 1;
        }),
      ),
    );
    expect((await locker.get(key))?.count).toBe(8);
  });
});
