import { PermanentTaskError, RetryTaskError } from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { notOn } from '../support/google-datastore.js';
import type { HttpRequestProto as TaskHttpRequest } from '../../lib/google/tasks-api.js';
import { Job, type Part } from '../support/jobs.js';

const minute = 60_000;

interface Row {
  readonly when: string;
  readonly part: Part;
  readonly status: number;
  readonly outcome?: string;
  /** What is stored afterwards. */
  readonly job: object;
  /** The next task of the queue, if there is one. */
  readonly next?: { readonly path: string; readonly body?: string; readonly inMs?: number };
  readonly alerts?: string[];
}

const ready = (step: number) => ({ state: 'ready', step });
const change = (job: Job) => {
  job.count = 1;
};
const nextIsTwo: Row['next'] = { path: '/tasks/two', body: '{}' };

/** Rejects with whatever one gives it. */
async function failWith(reason: unknown): Promise<never> {
  await Promise.resolve();
  // oxlint-disable-next-line typescript/only-throw-error -- handlers may
  throw reason;
}

const rows: Row[] = [
  {
    when: 'returns',
    part: change,
    status: 200,
    outcome: 'completed',
    job: { count: 1, lock: { state: 'completed' } },
  },
  {
    when: 'completes',
    part: (job, lease) => {
      change(job);
      return lease.complete();
    },
    status: 200,
    outcome: 'completed',
    job: { count: 1, lock: { state: 'completed' } },
  },
  {
    when: 'names the next step',
    part: (job, lease) => {
      change(job);
      return lease.next('two');
    },
    status: 200,
    outcome: 'advanced',
    job: { count: 1, lock: ready(2) },
    next: nextIsTwo,
  },
  {
    when: 'asks for the same task again',
    part: (_, lease) => lease.next(),
    status: 200,
    outcome: 'advanced',
    job: { lock: { ...ready(2), task: { name: 'one', queue: 'default' } } },
    next: { path: '/tasks/one' },
  },
  {
    when: 'delays the next step',
    part: (_, lease) => lease.next('two', { delay: '2m' }),
    status: 200,
    outcome: 'advanced',
    job: { lock: ready(2) },
    next: { path: '/tasks/two', inMs: 2 * minute },
  },
  {
    when: 'gives the next step a time',
    part: (_, lease) => lease.next('two', { at: new Date(Date.UTC(2000, 0, 1)) }),
    status: 200,
    outcome: 'advanced',
    job: { lock: ready(2) },
    next: { path: '/tasks/two', inMs: 0 },
  },
  {
    when: 'gives the next step a body',
    part: (_, lease) => lease.next('two', { body: { text: 'é', list: [1, null] } }),
    status: 200,
    outcome: 'advanced',
    job: { lock: ready(2) },
    next: { path: '/tasks/two', body: '{"text":"é","list":[1,null]}' },
  },
  {
    when: 'gives the next step form parameters',
    part: (_, lease) => lease.next('two', { form: { name: 'a b', other: '&' } }),
    status: 200,
    outcome: 'advanced',
    job: { lock: ready(2) },
    next: { path: '/tasks/two', body: 'name=a+b&other=%26' },
  },
  {
    when: 'does not wait for its settle',
    part: (job, lease) => {
      change(job);
      void lease.next('two');
    },
    status: 200,
    outcome: 'advanced',
    job: { count: 1, lock: ready(2) },
    next: nextIsTwo,
  },
  {
    when: 'throws while its settle is under way',
    part: (_, lease) => {
      void lease.next('two');
      throw new Error('impatient');
    },
    status: 200,
    outcome: 'advanced',
    job: { lock: { ...ready(2), tries: 0 } },
    next: nextIsTwo,
  },
  {
    when: 'settles a second time',
    part: async (job, lease) => {
      await lease.next('two');
      change(job);
      await lease.complete();
    },
    status: 200,
    outcome: 'advanced',
    job: { count: 0, lock: ready(2) },
    next: nextIsTwo,
  },
  {
    when: 'settles twice at once',
    part: (_, lease) => Promise.allSettled([lease.next('two'), lease.next('one')]),
    status: 200,
    outcome: 'advanced',
    job: { lock: { ...ready(2), task: { name: 'two' } } },
    next: nextIsTwo,
  },
  {
    when: 'throws',
    part: (job) => {
      change(job);
      throw new Error('broken');
    },
    status: 500,
    job: { count: 0, lock: { ...ready(1), tries: 1, error: /Error: broken/, number: 1 } },
    next: { path: '/tasks/one', inMs: 10_000 },
  },
  {
    when: 'throws nothing',
    part: () => failWith(undefined),
    status: 500,
    job: { lock: { ...ready(1), tries: 1 } },
    next: { path: '/tasks/one', inMs: 10_000 },
  },
  {
    when: 'throws what is no error',
    part: () => failWith('a text'),
    status: 500,
    job: { lock: { ...ready(1), tries: 1, error: 'a text' } },
    next: { path: '/tasks/one', inMs: 10_000 },
  },
  {
    when: 'knows that it can never succeed',
    part: (job) => {
      change(job);
      throw new PermanentTaskError('declined');
    },
    status: 200,
    outcome: 'failed',
    job: { count: 0, lock: { state: 'failed', step: 1, error: /declined/, due: undefined } },
    alerts: ['failed'],
  },
  {
    when: 'wants another time',
    part: (job) => {
      change(job);
      throw new RetryTaskError('not ready', { delay: '3m' });
    },
    status: 200,
    outcome: 'postponed',
    job: { count: 0, lock: { ...ready(1), tries: 0, postponed: 1, number: 1 } },
    next: { path: '/tasks/one', inMs: 3 * minute },
  },
  {
    when: 'schedules a task that does not exist, and says nothing of it',
    part: (_, lease) => lease.next('nobody').catch(() => undefined),
    status: 500,
    job: { lock: { ...ready(1), tries: 1, error: /no @LockedTask\('nobody'/ } },
    next: { path: '/tasks/one', inMs: 10_000 },
  },
  {
    when: 'stores what Datastore has no type for',
    part: (job) => {
      Object.assign(job, { symbol: Symbol('no') });
    },
    status: 500,
    job: { lock: { ...ready(1), tries: 1, error: /Property "symbol" holds symbol/ } },
    next: { path: '/tasks/one', inMs: 10_000 },
  },
];
const tooBig: Row[] = [
  {
    when: 'makes its entity too big, and says nothing of it',
    part: (job, lease) => {
      job.note = 'x'.repeat(1_100_000);
      return lease.next('two').catch(() => undefined);
    },
    status: 500,
    job: { note: undefined, lock: { ...ready(1), tries: 1 } },
    next: { path: '/tasks/one', inMs: 10_000 },
  },
  {
    when: 'makes its entity too big, notices, and completes without',
    part: async (job, lease) => {
      job.note = 'x'.repeat(1_100_000);
      await lease.next('two').catch(() => {
        job.note = 'too big';
        return lease.complete();
      });
    },
    status: 200,
    outcome: 'completed',
    job: { note: 'too big', lock: { state: 'completed' } },
  },
  {
    when: 'returns an entity that is too big',
    part: (job) => {
      job.note = 'x'.repeat(1_100_000);
    },
    status: 500,
    job: { note: undefined, lock: { ...ready(1), tries: 1 } },
    next: { path: '/tasks/one', inMs: 10_000 },
  },
];

describe.each(adapters)('a handler on %s that', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  const groups = [
    { cases: rows, where: {} },
    { cases: tooBig, where: notOn('datastore', 'it takes an entity of over 1 MiB') },
  ];
  for (const { cases, where } of groups)
    it.each(cases)('$when: $status, $outcome', where, async (row) => {
      const { key, run } = await application.startHeld(row.part);
      await application.emulator.tasks.purgeQueue({
        name: 'projects/test-project/locations/europe-west1/queues/default',
      });
      const answer = await application.deliver({ key, run, step: 1, task: 'one' });
      expect(answer).toMatchObject({
        status: row.status,
        body: row.outcome ? { outcome: row.outcome } : { statusCode: 500 },
      });
      const stored = await application.locker.get(key);
      expect(stored).toMatchObject(matching(row.job));
      expect(stored?.lock.leaseId).toBe('');
      expect(application.alerts.map(({ type }) => type)).toEqual(row.alerts ?? []);
      const tasks = await application.tasks();
      const { inMs = 0, ...next } = row.next ?? {};
      expect(tasks.map(({ httpRequest }) => described(httpRequest))).toMatchObject(
        row.next ? [next] : [],
      );
      for (const { scheduleTime } of tasks) {
        const actual = Number(scheduleTime?.seconds) * 1_000 - application.clock.now();
        expect(Math.abs(actual - inMs)).toBeLessThan(5_000);
      }
    });

  it('uses schedule() and complete() on its own entity settles its lease', async () => {
    const { locker } = application;
    const { key, run } = await application.startHeld(async (job, lease) => {
      job.count += 1;
      if (lease.step === 1) await locker.schedule(lease.key, job, 'two', { body: { n: 1 } });
      else await locker.complete(lease.key, job);
    });
    const first = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(first).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
    expect(await locker.get(key)).toMatchObject({ count: 1, lock: { step: 2, run } });
    const second = await application.deliver({ key, run, step: 2, task: 'two' });
    expect(second).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect(await locker.get(key)).toMatchObject({ count: 2, lock: { state: 'completed', run } });
  });

  it('gives another object or another key for its entity is refused', async () => {
    const { locker } = application;
    const errors: unknown[] = [];
    const note = (error: unknown) => errors.push(error);
    const { key, run } = await application.startHeld(async (job, lease) => {
      await locker.schedule(lease.key, new Job(), 'two').catch(note);
      await locker.schedule(application.job(), job, 'two').catch(note);
      await locker.complete(application.job(), new Job()).catch(note);
    });
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(errors).toMatchObject(
      [
        { code: 'WRONG_ENTITY', message: /its own Job\/"job-\d+" with another object/ },
        { code: 'WRONG_ENTITY', message: /was given with the key/ },
        { code: 'WRONG_ENTITY', message: /outside of its step/ },
      ].map(({ code, message }) => ({ code, message: matchingText(message) })),
    );
  });

  it('sees in its lease what it holds', async () => {
    const seen: object[] = [];
    const { key, run } = await application.startHeld((_, lease) => {
      const { step, attempt, queue, task, timedOut, timeLeftMs, idempotencyKey } = lease;
      const names = { step, attempt, queue, task, timedOut, run: lease.run, key: lease.key };
      seen.push({ ...names, timeLeftMs, idempotencyKey, aborted: lease.signal.aborted });
      expect(lease.deadline.getTime() - application.clock.now()).toBeCloseTo(timeLeftMs, -2);
      throw new Error('again');
    });
    await application.deliver({ key, run, step: 1, task: 'one', queue: 'slow' });
    await application.deliver({ key, run, step: 1, number: 1, task: 'one' });
    const [first, second] = seen as { idempotencyKey: string; timeLeftMs: number }[];
    expect(first).toMatchObject({
      step: 1,
      attempt: 1,
      queue: 'slow',
      task: 'one',
      timedOut: false,
      aborted: false,
      run,
      idempotencyKey: matchingText(/^[0-9a-f]{64}$/),
    });
    expect(first?.timeLeftMs).toBeGreaterThan(290_000);
    expect(first?.timeLeftMs).toBeLessThanOrEqual(300_000);
    expect(second).toMatchObject({ attempt: 2, idempotencyKey: first?.idempotencyKey });
  });

  it('has an idempotency key that no other step, run or entity has', async () => {
    const keys: string[] = [];
    const part: Part = (_, lease) => {
      keys.push(lease.idempotencyKey);
      return lease.step < 2 && lease.next();
    };
    const { emulator, locker } = application;
    const [one, two] = [application.job(part), application.job(part)];
    await Promise.all([one, two].map((key) => locker.schedule(key, new Job(), 'one')));
    await emulator.drain();
    await locker.schedule(one, new Job(), 'one');
    await emulator.drain();
    expect(keys).toHaveLength(6);
    expect(new Set(keys).size).toBe(6);
  });

  it('postpones itself too often fails', async () => {
    const postponing = await Application.ofJobs({ adapter, options: { maxPostpones: 2 } });
    const key = postponing.job(() => {
      throw new RetryTaskError('not ready', { delay: '1h' });
    });
    await postponing.locker.schedule(key, new Job(), 'one');
    await postponing.emulator.drain();
    const lock = await postponing.lock(key);
    const calls = postponing.script.of(key);
    await postponing.stop();
    expect(lock).toMatchObject({ state: 'failed', error: matchingText(/more than 2 times/) });
    expect(calls).toHaveLength(3);
    expect(postponing.alerts).toMatchObject([{ type: 'failed' }]);
  });
});

function described(request: TaskHttpRequest | null | undefined) {
  const { pathname } = new URL(request?.url ?? '');
  return { path: pathname, body: Buffer.from(request?.body ?? '').toString() };
}

/** Patterns in a table stand for the texts that they match. */
function matching(expected: object): object {
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof RegExp
        ? matchingText(value)
        : typeof value === 'object' && value !== null
          ? matching(value)
          : value,
    ]),
  );
}

function matchingText(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
