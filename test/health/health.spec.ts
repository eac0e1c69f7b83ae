import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { LockerHealthIndicator, type LockerHealthOptions } from 'nestjs-datastore-locker/health';
import { afterEach, describe, expect, it } from 'vitest';
import {
  adapters,
  Application,
  location,
  projectId,
  type ApplicationOptions,
} from '../support/application.js';
import { Job, JobTasks } from '../support/jobs.js';

const minute = 60_000;
const queue = `projects/${projectId}/locations/${location}/queues/default`;

@Controller('health')
class HealthController {
  static options: LockerHealthOptions = {};

  constructor(
    private readonly health: HealthCheckService,
    private readonly locker: LockerHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.locker.check('locker', HealthController.options)]);
  }
}

interface Answer {
  readonly code: number;
  readonly status: string;
  readonly locker: Readonly<Record<string, unknown>>;
}

describe.each(adapters)('the health endpoint on %s', (adapter) => {
  let application: Application;
  afterEach(() => application.stop());

  /** An application whose answers are not kept, unless a test says how long. */
  async function start(
    options: LockerHealthOptions = {},
    locker: ApplicationOptions['options'] = {},
  ): Promise<void> {
    HealthController.options = { cacheFor: 0, ...options };
    application = await Application.ofJobs({
      adapter,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [JobTasks, HealthController],
      providers: [LockerHealthIndicator],
      options: locker,
      emulator: { queues: [{ name: queue }] },
    });
  }

  async function health(): Promise<Answer> {
    const response = await fetch(`${application.baseUrl}/health`);
    const { status, details } = (await response.json()) as {
      status: string;
      details: { locker: Answer['locker'] };
    };
    return { code: response.status, status, locker: details.locker };
  }

  /** Chains whose tasks nobody delivers, overdue by about so many minutes. */
  async function overdue(count: number, minutes: number): Promise<void> {
    for (let one = 0; one < count; one++) await application.startHeld();
    // A sweep looks at a step a minute after it was dispatched.
    await application.clock.advance((minutes + 1) * minute);
  }

  it('is up where nothing is wrong, and says what it saw', async () => {
    await start();
    await application.locker.schedule(application.job(), new Job(), 'one');
    expect(await health()).toEqual({
      code: 200,
      status: 'ok',
      locker: {
        status: 'up',
        overdue: 0,
        oldestSeconds: 0,
        queues: { default: 'RUNNING' },
        seenAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    });
  });

  it('is down while Datastore does not answer, and up again after', async () => {
    await start();
    const fault = application.emulator.faults.add({
      fault: 'fail-before',
      service: 'datastore',
      code: 'PERMISSION_DENIED',
    });
    const answer = await health();
    expect(answer).toMatchObject({ code: 503, status: 'error', locker: { status: 'down' } });
    expect(answer.locker['message']).toMatch(/could not be asked: .*PERMISSION_DENIED/);
    fault();
    expect(await health()).toMatchObject({ code: 200, locker: { status: 'up' } });
  });

  it('is down when Datastore takes too long', async () => {
    await start({ timeout: '50ms' });
    application.emulator.faults.add({ fault: 'fail-before', service: 'datastore' });
    const began = performance.now();
    const answer = await health();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(answer).toMatchObject({ code: 503, locker: { status: 'down' } });
    expect(answer.locker['message']).toMatch(/took longer than 50 ms/);
  });

  it.each([
    ['paused', () => application.emulator.tasks.pauseQueue({ name: queue }), 'PAUSED'],
    ['missing', () => application.emulator.tasks.deleteQueue({ name: queue }), 'MISSING'],
  ])('is down when a queue is %s', async (word, break_, condition) => {
    await start();
    await break_();
    const answer = await health();
    expect(answer).toMatchObject({
      code: 503,
      locker: { status: 'down', queues: { default: condition } },
    });
    expect(answer.locker['message']).toMatch(
      word === 'paused' ? /Queue "default" is paused: gcloud/ : /Queue "default" does not exist/,
    );
  });

  it('is degraded when it may not look at a queue', async () => {
    await start();
    application.emulator.faults.add({
      fault: 'fail-before',
      method: 'getQueue',
      code: 'PERMISSION_DENIED',
    });
    const answer = await health();
    expect(answer).toMatchObject({ code: 200, status: 'degraded', locker: { status: 'degraded' } });
    expect(answer.locker['message']).toMatch(/needs roles\/cloudtasks\.viewer/);
  });

  it.each([
    [1, 'up', 200],
    [2, 'degraded', 200],
    [4, 'down', 503],
  ])('says of %i overdue chains that it is %s', async (count, status, code) => {
    await start({ overdue: { degraded: 2, down: 4 }, age: { degraded: '1h', down: '1h' } });
    await overdue(count, 1);
    expect(await health()).toMatchObject({ code, locker: { status, overdue: count } });
  });

  it.each([
    [4, 'up', 200],
    [10, 'degraded', 200],
    [40, 'down', 503],
  ])('says of a chain overdue for %i minutes that it is %s', async (minutes, status, code) => {
    await start();
    await overdue(1, minutes);
    const answer = await health();
    expect(answer).toMatchObject({ code, locker: { status, overdue: 1 } });
    expect(answer.locker['oldestSeconds']).toBeGreaterThanOrEqual(60 * minutes - 1);
    expect(answer.locker['oldestSeconds']).toBeLessThan(60 * minutes + 30);
  });

  it('tells the age of the oldest of all', async () => {
    await start();
    await overdue(1, 20);
    await overdue(8, 2);
    const { locker } = await health();
    expect(locker).toMatchObject({ overdue: 9, status: 'degraded' });
    expect(locker['oldestSeconds']).toBeGreaterThanOrEqual(60 * 22);
  });

  it('looks at the queue of sweeps too', async () => {
    await start({}, { sweep: { queue: 'sweeps' } });
    expect(await health()).toMatchObject({
      code: 503,
      locker: { queues: { default: 'RUNNING', sweeps: 'MISSING' } },
    });
  });

  it('is down when something is owed and no sweep is to come, until recovery has run', async () => {
    await start({}, { sweep: { every: '1m' } });
    await application.startHeld();
    expect(await health()).toMatchObject({ code: 200, locker: { status: 'up' } });
    await application.emulator.tasks.purgeQueue({ name: queue });
    const answer = await health();
    expect(answer).toMatchObject({ code: 503, locker: { status: 'down' } });
    expect(answer.locker['message']).toMatch(/No sweep is to come in namespace ""/);
    await application.clock.advance(2 * minute);
    await application.locker.recover();
    expect(await health()).toMatchObject({ code: 200, locker: { status: 'up' } });
  });

  it('needs no sweep where nothing is owed', async () => {
    await start({}, { sweep: { every: '1m' } });
    await application.emulator.tasks.purgeQueue({ name: queue });
    expect(await health()).toMatchObject({ code: 200, locker: { status: 'up' } });
  });

  it('keeps an answer for a while, and asks once for all', async () => {
    await start({ cacheFor: '1h' });
    const wire = application.listen();
    const answers = await Promise.all([health(), health(), health()]);
    await application.emulator.tasks.pauseQueue({ name: queue });
    expect(await health()).toEqual(answers[0]);
    expect(wire.count()).toEqual({ runQuery: 8, getQueue: 1, pauseQueue: 1 });
    wire.close();
  });

  it('refuses options that make no sense', async () => {
    await start();
    const indicator = application.get(LockerHealthIndicator);
    await expect(indicator.check('locker', { age: { degraded: 'soon' } })).rejects.toThrow(
      `option "age.degraded" expected a duration such as '5m', got "soon"`,
    );
    await expect(indicator.check('locker', { overdue: { degraded: 2, down: 1 } })).rejects.toThrow(
      'expected degraded to be at most down, got 2 and 1',
    );
  });
});
