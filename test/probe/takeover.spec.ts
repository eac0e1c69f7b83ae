import { startEmulator, VirtualClock, type Emulator } from 'nestjs-datastore-locker/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noArming } from '../../lib/datastore/arming.js';
import { writeLock } from '../../lib/datastore/lock-properties.js';
import { LockStore } from '../../lib/datastore/lock-store.js';
import { Transactions } from '../../lib/datastore/transactions.js';
import { Acquirer, type Acquisition } from '../../lib/delivery/acquirer.js';
import type { TaskProto } from '../../lib/google/tasks-api.js';
import { Lock, type Holder } from '../../lib/lock/lock.js';
import { Evidence } from '../../lib/probe/evidence.js';
import type { Finding, Probe } from '../../lib/probe/probe.js';
import { provesEnd } from '../../lib/probe/proof.js';
import { probesFrom } from '../../lib/probe/probes-from.js';
import { settingsFrom } from '../../lib/settings/settings.js';
import { systemEntropy } from '../../lib/system/entropy.js';
import type { TaskRequest } from '../../lib/tasks/task-request.js';
import { Job } from '../support/jobs.js';
import { MemoryLogger } from '../support/memory-logger.js';

const projectId = 'p';
const settings = settingsFrom(
  { target: { baseUrl: 'http://a' }, guard: 'none', location: 'l', renew: false },
  projectId,
);
const { terms } = settings;
const definition = { name: 'one', entity: Job, path: '/one', terms };
const run = '0'.repeat(32);
const trace = 'f'.repeat(32);

/** What the sources of evidence say in one cell. */
interface World {
  readonly holder?: Partial<Holder>;
  readonly request?: Partial<TaskRequest>;
  readonly isHeldHere?: boolean;
  readonly task?: TaskProto;
  readonly logged?: number;
}

const lastAttempt = (message?: string) => ({
  dispatchTime: { seconds: 1 },
  ...(message && { responseTime: { seconds: 2 }, responseStatus: { code: 2, message } }),
});

/** For each probe, what makes it find each of the answers. A probe without "running" can never find it. */
const worlds: Record<string, Partial<Record<Finding, World>>> = {
  instance: {
    ended: { holder: { instance: 'me' } },
    running: { holder: { instance: 'me' }, isHeldHere: true },
    unknown: { holder: { instance: 'another' } },
  },
  delivery: {
    ended: { request: { retryCount: 3, previousResponse: 424 } },
    unknown: { request: { retryCount: 3, previousResponse: 504 } },
  },
  task: {
    ended: {
      task: { dispatchCount: 3, lastAttempt: lastAttempt('UNKNOWN(2): HTTP status code 424') },
    },
    running: { task: { dispatchCount: 3, lastAttempt: lastAttempt() } },
    unknown: {},
  },
  logging: { ended: { logged: 424 }, unknown: { logged: 504 } },
};

const ages = {
  'just acquired': 0,
  'a moment before leaseDuration': terms.leaseDuration - 1,
  'at leaseDuration': terms.leaseDuration,
  'a moment before leaseTimeout': terms.leaseTimeout - 1,
  'at leaseTimeout': terms.leaseTimeout,
};

/** The original's rule: busy; then, if its request has ended, taken over; at last, taken over in any case. */
function verdictOf(age: number, finding: Finding): string {
  if (age >= terms.leaseTimeout) return 'taken-over';
  return age >= terms.leaseDuration && finding === 'ended' ? 'taken-over' : 'busy';
}

const cells = Object.entries(worlds).flatMap(([probe, answers]) =>
  Object.entries(answers).flatMap(([finding, world]) =>
    Object.entries(ages).map(
      ([when, age]) =>
        [probe, finding, when, verdictOf(age, finding as Finding), age, world] as const,
    ),
  ),
);

const verdict = (acquisition: Acquisition) =>
  'grant' in acquisition ? acquisition.grant.verdict : acquisition.refusal.verdict;

describe('a lease whose holder does not renew', () => {
  const clock = new VirtualClock();
  const log = new MemoryLogger();
  let emulator: Emulator;
  let entities = 0;

  beforeAll(async () => {
    emulator = await startEmulator({ clock });
  });
  afterAll(() => emulator.stop());

  const request = (changes: Partial<TaskRequest> = {}): TaskRequest => ({
    projectId,
    databaseId: '',
    key: { path: [{ kind: 'Job', name: `job-${entities}` }] },
    run,
    step: 1,
    number: 0,
    queue: 'default',
    taskName: 'task',
    retryCount: 0,
    previousResponse: undefined,
    eta: undefined,
    createdBy: undefined,
    requestId: undefined,
    trace: undefined,
    ...changes,
  });

  /** A lease that was acquired a while ago by the third delivery of a task. */
  async function hold(age: number, holder: Partial<Holder> | undefined): Promise<void> {
    entities++;
    const timestamp = clock.now() - age;
    const lock = new Lock({
      run,
      step: 1,
      leaseId: `lease-${entities}`,
      timestamp,
      due: timestamp + terms.leaseTimeout,
      task: { name: 'one', queue: 'default' },
      holder: {
        since: timestamp,
        renews: false,
        task: 'task',
        queue: 'default',
        retryCount: 2,
        trace,
        ...holder,
      },
    });
    const upsert = writeLock({ key: request().key }, lock);
    await emulator.datastore.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [{ upsert }],
    });
  }

  function acquirerWith(probes: readonly Probe[]): Acquirer {
    const database = { api: emulator.datastore, projectId, databaseId: '', beginOnRead: true };
    const transactions = new Transactions(database, clock, systemEntropy);
    const store = new LockStore(transactions, clock, noArming);
    return new Acquirer(store, systemEntropy, false, 'me', new Evidence(probes, clock, log));
  }

  function probesIn(names: readonly string[], { isHeldHere = false, task, logged }: World) {
    return probesFrom(
      { ...settings, probes: names as typeof settings.probes },
      {
        own: { instance: 'me', holds: (id) => isHeldHere && id === `lease-${entities}` },
        tasks: {
          getTask: () =>
            task ? Promise.resolve(task) : Promise.reject(new Error('no longer exists')),
        },
        logging: {
          newest: () => Promise.resolve(logged === undefined ? undefined : { status: logged }),
          close: () => Promise.resolve(),
        },
        clock,
      },
    );
  }

  /** Lets time pass, a little at a time, until `work` is done. */
  async function driven<T>(work: Promise<T>): Promise<T> {
    const state = { isOver: false };
    const over = () => (state.isOver = true);
    void work.then(over, over);
    while (!state.isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(50);
    }
    return work;
  }

  it.each(cells)('probe %s finds "%s", %s: %s', async (probe, _, __, expected, age, world) => {
    await hold(age, world.holder);
    const acquirer = acquirerWith(probesIn([probe], world));
    const acquisition = await acquirer.acquire(definition, request({ ...world.request }), {});
    expect(verdict(acquisition)).toBe(expected);
  });

  it.each(Object.entries(ages))(
    'is never asked about when its holder renews, %s',
    async (_, age) => {
      await hold(age, { renews: true });
      const asked: string[] = [];
      const probe: Probe = { name: 'curious', isFree: true, ask: () => (asked.push('!'), 'ended') };
      const acquisition = await acquirerWith([probe]).acquire(definition, request(), {});
      expect(asked).toEqual([]);
      expect(verdict(acquisition)).toBe(age > terms.leaseDuration + 5_000 ? 'taken-over' : 'busy');
    },
  );

  it('is taken over by one of ten who all know that its request has ended', async () => {
    await hold(terms.leaseDuration, {});
    const acquirer = acquirerWith([{ name: 'sure', ask: () => 'ended' }]);
    const all = await driven(
      Promise.all(Array.from({ length: 10 }, () => acquirer.acquire(definition, request(), {}))),
    );
    expect(all.map(verdict).filter((one) => one === 'taken-over')).toHaveLength(1);
    expect(all.map(verdict).filter((one) => one === 'busy')).toHaveLength(9);
  });

  it('is asked about while no transaction is open', async () => {
    await hold(terms.leaseDuration, {});
    const open = new Set<unknown>();
    const end = emulator.tap((event) => {
      if (event.type !== 'call') return;
      if (event.method === 'lookup') open.add('transaction');
      if (event.method === 'rollback' || event.method === 'commit') open.clear();
    });
    const seen: number[] = [];
    const probe: Probe = { name: 'watchful', ask: () => (seen.push(open.size), 'ended') };
    await acquirerWith([probe]).acquire(definition, request(), {});
    end();
    expect(seen).toEqual([0]);
  });

  it('asks probes in order until one knows', async () => {
    await hold(terms.leaseDuration, {});
    const asked: string[] = [];
    const probe = (name: string, answer: () => Finding | Promise<Finding>): Probe => ({
      name,
      ask: () => {
        asked.push(name);
        return answer();
      },
    });
    const acquirer = acquirerWith([
      probe('ignorant', () => 'unknown'),
      probe('broken', () => {
        throw new Error('broken');
      }),
      probe('failing', () => Promise.reject(new Error('failing'))),
      probe('sure', () => 'running'),
      probe('last', () => 'ended'),
    ]);
    expect(verdict(await acquirer.acquire(definition, request(), {}))).toBe('busy');
    expect(asked).toEqual(['ignorant', 'broken', 'failing', 'sure']);
  });

  it('waits five seconds for evidence at most, three for each probe', async () => {
    await hold(terms.leaseDuration, {});
    const startedAt = clock.now();
    const asked: number[] = [];
    const silent = (name: string): Probe => ({
      name,
      ask: () => {
        asked.push(clock.now() - startedAt);
        return new Promise(() => {});
      },
    });
    const acquiring = acquirerWith(['a', 'b', 'c', 'd'].map(silent)).acquire(
      definition,
      request(),
      {},
    );
    expect(verdict(await driven(acquiring))).toBe('busy');
    expect(asked.map((at) => at - (asked[0] ?? 0))).toEqual([0, 3_000]);
    expect(clock.now() - startedAt).toBeLessThanOrEqual(5_000 + 300);
  });

  it('is known to be over by what was seen once, before its time', async () => {
    await hold(terms.leaseDuration - 20_000, {});
    const acquirer = acquirerWith(probesIn(['delivery'], {}));
    const next = request({ retryCount: 3, previousResponse: 424 });
    expect(verdict(await acquirer.acquire(definition, next, {}))).toBe('busy');
    await clock.advance(20_000);
    // By now the queue tells of a delivery that was answered "busy".
    const later = request({ retryCount: 4, previousResponse: 409 });
    expect(verdict(await acquirer.acquire(definition, later, {}))).toBe('taken-over');
  });
});

describe('no evidence', () => {
  const [delivery] = probesFrom(
    { ...settings, probes: ['delivery'] },
    {} as Parameters<typeof probesFrom>[1],
  );

  it.each<[string, Partial<Holder>, Partial<TaskRequest>]>([
    ['is there before the first answer', {}, {}],
    ['is 500', {}, { previousResponse: 500 }],
    ['is 502', {}, { previousResponse: 502 }],
    ['is 503', {}, { previousResponse: 503 }],
    ['is 504', {}, { previousResponse: 504 }],
    ['is "busy"', {}, { previousResponse: 409 }],
    ['is 429 of a front', {}, { previousResponse: 429 }],
    ['is 408 of a front', {}, { previousResponse: 408 }],
    ['is the answer to another task', { task: 'other' }, { previousResponse: 424 }],
    ['is the answer to a task of another queue', { queue: 'other' }, { previousResponse: 424 }],
    ['is the answer to a later delivery', { retryCount: 1 }, { previousResponse: 424 }],
    ['is the answer to an earlier delivery', { retryCount: 3 }, { previousResponse: 424 }],
    ['is an answer to nobody', { task: '' }, { taskName: '', previousResponse: 424 }],
  ])('%s', async (_, holder, request) => {
    const third = { since: 1, renews: false, task: 't', queue: 'q', retryCount: 2 };
    const lock = new Lock({ leaseId: 'x', step: 1, holder: { ...third, ...holder } });
    const next = { taskName: 't', queue: 'q', retryCount: 3, ...request } as TaskRequest;
    expect(await delivery?.ask({ lock, request: next, now: 1 })).toBe('unknown');
  });
});

/** What the probe finds of the third delivery of a task. */
function askOfTask(task: TaskProto | undefined, holder: Partial<Holder> = {}) {
  const [probe] = probesFrom({ ...settings, probes: ['task'] }, {
    tasks: {
      getTask: ({ name }: { name: string }) =>
        task && name === 'projects/p/locations/l/queues/q/tasks/t'
          ? Promise.resolve(task)
          : Promise.reject(new Error('no longer exists')),
    },
  } as unknown as Parameters<typeof probesFrom>[1]);
  const third = { since: 1, renews: false, task: 't', queue: 'q', retryCount: 2 };
  const lock = new Lock({ leaseId: 'x', step: 1, holder: { ...third, ...holder } });
  return probe?.ask({ lock, request: {} as TaskRequest, now: 1 });
}

describe('the task of a holder', () => {
  it.each<[string, TaskProto, Finding]>([
    ['is under way', { dispatchCount: 3, lastAttempt: lastAttempt() }, 'running'],
    [
      'was answered at the end of its handler',
      { dispatchCount: 3, lastAttempt: lastAttempt('UNKNOWN(2): HTTP status code 424') },
      'ended',
    ],
    [
      'was given up by the queue',
      { dispatchCount: 3, lastAttempt: lastAttempt('DEADLINE_EXCEEDED(4): no answer') },
      'unknown',
    ],
    [
      'was answered by a front',
      { dispatchCount: 3, lastAttempt: lastAttempt('UNAVAILABLE(14): HTTP status code 503') },
      'unknown',
    ],
    [
      'was answered "busy"',
      { dispatchCount: 3, lastAttempt: lastAttempt('ABORTED(10): HTTP status code 409') },
      'unknown',
    ],
    [
      'has been delivered again since',
      { dispatchCount: 4, lastAttempt: lastAttempt('UNKNOWN(2): HTTP status code 424') },
      'unknown',
    ],
    [
      'was delivered again and is under way',
      { dispatchCount: 4, lastAttempt: lastAttempt() },
      'unknown',
    ],
    ['was never delivered', { dispatchCount: 0 }, 'unknown'],
  ])('%s', async (_, task, finding) => {
    expect(await askOfTask(task)).toBe(finding);
  });

  it('is not asked for where the holder has none', async () => {
    const task = { dispatchCount: 3, lastAttempt: lastAttempt() };
    expect(await askOfTask(task, { task: undefined })).toBe('unknown');
    expect(await askOfTask(task, { queue: undefined })).toBe('unknown');
  });
});

describe('an answer to the Go library, which names no holder,', () => {
  it.each([
    [200, true],
    [204, true],
    [302, false],
    [400, true],
    [404, true],
    [408, false],
    [409, true],
    [429, false],
    [499, false],
    [500, false],
    [503, false],
    [504, false],
  ])('of %i proves the end: %s', (status, isProof) => {
    expect(provesEnd(status, undefined)).toBe(isProof);
  });
});
