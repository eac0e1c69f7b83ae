import {
  BadRequestException,
  Body,
  Catch,
  Controller,
  ForbiddenException,
  Injectable,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentMetadata,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Lease, LeaseAbortedError, LockedTask } from 'nestjs-datastore-locker';
import { of, tap, timeout, timer, map, type Observable } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { Job, Script } from '../support/jobs.js';

class AmountDto {
  amount!: number;
}

/** What `ValidationPipe` does, as far as it matters: a payload that does not fit its class is refused with 400. */
@Injectable()
class AmountPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (type !== 'body' || metatype !== AmountDto) return value;
    const amount: unknown =
      typeof value === 'object' && value !== null && 'amount' in value ? value.amount : undefined;
    if (typeof amount !== 'number') throw new BadRequestException(['amount must be a number']);
    return Object.assign(new AmountDto(), { amount });
  }
}

@Injectable()
class Trace {
  readonly lines: string[] = [];
}

@Injectable()
class HolidayGuard implements CanActivate {
  static closed = false;
  canActivate(): boolean {
    if (HolidayGuard.closed) throw new ForbiddenException();
    return true;
  }
}

@Injectable()
class Around implements NestInterceptor {
  constructor(private readonly trace: Trace) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const name = context.getHandler().name;
    this.trace.lines.push(`before ${name}`);
    return next.handle().pipe(tap(() => this.trace.lines.push(`after ${name}`)));
  }
}

class Teapot extends Error {}

@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: Teapot, host: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    httpAdapter.reply(host.switchToHttp().getResponse(), { teapot: error.message }, 418);
  }
}

/** Gives up on what takes longer than 20 ms. */
@Injectable()
class Hurry implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(timeout(20));
  }
}

@Controller('tasks')
@UseGuards(HolidayGuard)
class DecoratedTasks {
  constructor(
    private readonly script: Script,
    private readonly trace: Trace,
  ) {}

  @LockedTask('piped', Job)
  piped(job: Job, lease: Lease, @Body() body: AmountDto) {
    this.trace.lines.push(`${body.constructor.name} ${body.amount}`);
    return this.script.play(job, lease, body);
  }

  @UseInterceptors(Around)
  @LockedTask('inner', Job)
  inner(job: Job, lease: Lease) {
    return this.script.play(job, lease, {});
  }

  @LockedTask('outer', Job)
  @UseInterceptors(Around)
  outer(job: Job, lease: Lease) {
    return this.script.play(job, lease, {});
  }

  @UseFilters(TeapotFilter)
  @LockedTask('filtered', Job)
  filtered(job: Job, lease: Lease) {
    return this.script.play(job, lease, {});
  }

  @LockedTask('observable', Job)
  observable(job: Job, lease: Lease) {
    return timer(5).pipe(
      map(() => {
        job.count = 9;
        return this.script.play(job, lease, {});
      }),
    );
  }

  @LockedTask('empty', Job)
  empty(job: Job): Observable<never> {
    job.count = 8;
    return of<never>();
  }

  @LockedTask('hurried', Job)
  @UseInterceptors(Hurry)
  hurried(job: Job, lease: Lease) {
    return this.script.play(job, lease, {});
  }

  @UseInterceptors(Hurry)
  @LockedTask('hurried-inside', Job)
  hurriedInside(job: Job, lease: Lease) {
    return this.script.play(job, lease, {});
  }
}

let instances = 0;

@Controller({ path: 'tasks', scope: Scope.REQUEST })
class ScopedTasks {
  readonly instance = ++instances;
  constructor(private readonly script: Script) {}

  @LockedTask('scoped', Job)
  scoped(job: Job, lease: Lease) {
    job.trail.push(`instance ${this.instance}`);
    return this.script.play(job, lease, {});
  }
}

describe.each(adapters)('a task on %s', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({
      adapter,
      controllers: [DecoratedTasks, ScopedTasks],
      providers: [Trace],
      configure: (app: INestApplication) => app.useGlobalPipes(new AmountPipe()),
    });
  });
  afterEach(async () => {
    HolidayGuard.closed = false;
    application.get(Trace).lines.length = 0;
    await application.reset();
  });
  afterAll(() => application.stop());

  it('gets its payload through pipes', async () => {
    const { key, run } = await application.startHeld(undefined, 'piped');
    const answer = await application.deliver({
      key,
      run,
      step: 1,
      task: 'piped',
      body: { amount: 3 },
    });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect(application.get(Trace).lines).toEqual(['AmountDto 3']);
  });

  it('fails at once when a pipe refuses its payload', async () => {
    const { key, run } = await application.startHeld(undefined, 'piped');
    const answer = await application.deliver({
      key,
      run,
      step: 1,
      task: 'piped',
      body: { amount: 'three' },
    });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'failed' } });
    expect(application.script.of(key)).toEqual([]);
    const { state, error } = await application.lock(key);
    expect(state).toBe('failed');
    expect(error).toContain('amount must be a number');
    expect(application.alerts).toMatchObject([{ type: 'failed', attempts: 1 }]);
  });

  it('is tried again when the handler itself throws a 400', async () => {
    const { key, run } = await application.startHeld(() => {
      throw new BadRequestException('from downstream');
    }, 'piped');
    const answer = await application.deliver({
      key,
      run,
      step: 1,
      task: 'piped',
      body: { amount: 3 },
    });
    expect(answer.status).toBe(400);
    expect(await application.lock(key)).toMatchObject({ state: 'ready', tries: 1 });
  });

  it('is not acquired when a guard refuses it', async () => {
    HolidayGuard.closed = true;
    const { key, run } = await application.startHeld(undefined, 'inner');
    const before = await application.proto(key);
    const wire = application.listen();
    const answer = await application.deliver({ key, run, step: 1, task: 'inner' });
    wire.close();
    expect(answer.status).toBe(403);
    expect(wire.methods).toEqual([]);
    expect(await application.proto(key)).toEqual(before);
  });

  it.each(['inner', 'outer'])('runs within its interceptors (%s)', async (task) => {
    const { key, run } = await application.startHeld(() => {
      application.get(Trace).lines.push('handler');
    }, task);
    const answer = await application.deliver({ key, run, step: 1, task });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect(application.get(Trace).lines).toEqual([`before ${task}`, 'handler', `after ${task}`]);
  });

  it('lets filters answer what it threw, after the step is released', async () => {
    const { key, run } = await application.startHeld(() => {
      throw new Teapot('short and stout');
    }, 'filtered');
    const answer = await application.deliver({ key, run, step: 1, task: 'filtered' });
    expect(answer).toMatchObject({ status: 418, body: { teapot: 'short and stout' } });
    expect(await application.lock(key)).toMatchObject({ state: 'ready', tries: 1, number: 1 });
  });

  it.each([
    ['observable', 9],
    ['empty', 8],
  ])('may return an Observable (%s)', async (task, count) => {
    const { key, run } = await application.startHeld(undefined, task);
    const answer = await application.deliver({ key, run, step: 1, task });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect(await application.locker.get(key)).toMatchObject({
      count,
      lock: { state: 'completed' },
    });
  });

  it('may be in a request-scoped controller', async () => {
    const { emulator, locker } = application;
    const key = application.job((_, lease) => lease.step < 2 && lease.next());
    await locker.schedule(key, new Job(), 'scoped');
    await emulator.drain();
    const job = await locker.get(key);
    expect(job?.lock.state).toBe('completed');
    expect(new Set(job?.trail).size).toBe(2);
  });

  it.each(['hurried', 'hurried-inside'])(
    'is waited for when an interceptor gives it up: only its signal fires (%s)',
    async (task) => {
      const gate = new Gate();
      const reasons: unknown[] = [];
      const { key, run } = await application.startHeld(async (job, lease) => {
        const note = () => {
          reasons.push(lease.signal.reason);
          gate.open();
        };
        lease.signal.addEventListener('abort', note);
        if (lease.signal.aborted) note();
        await gate.pass();
        // The lease is still this handler's.
        job.count = 1;
        await lease.next('inner');
      }, task);
      const answer = await application.deliver({ key, run, step: 1, task });
      expect(answer.status).toBeGreaterThanOrEqual(200);
      // It may be given up while it still acquires.
      await gate.reached;
      await settled(application, key);
      expect(reasons).toMatchObject([{ reason: 'unsubscribed' }]);
      expect(reasons[0]).toBeInstanceOf(LeaseAbortedError);
      expect(await application.locker.get(key)).toMatchObject({
        count: 1,
        lock: { step: 2, state: 'ready', tries: 0 },
      });
    },
  );
});

/** The answer to an attempt that was given up may come before its settle. */
async function settled(application: Application, key: ReturnType<Application['job']>) {
  while ((await application.lock(key)).state === 'held');
}
