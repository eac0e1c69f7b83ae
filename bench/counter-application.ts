import 'reflect-metadata';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  HttpCode,
  Injectable,
  type INestApplication,
  type NestInterceptor,
  Post,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  type Lease,
  Lockable,
  LockedTask,
  LockerModule,
  type LockerModuleOptions,
  LockerService,
  Unindexed,
} from '../lib/index.js';
import type { DatastoreApi } from '../lib/google/datastore-api.js';
import type { TasksApi } from '../lib/google/tasks-api.js';
import { CLIENTS, CLOCK } from '../lib/locker.providers.js';
import { type Clock, systemClock } from '../lib/system/clock.js';
import { loopbackPort } from '../lib/testing/loopback-port.js';

export const projectId = 'bench';
export const location = 'europe-west1';

export class Counter extends Lockable {
  static readonly kind = 'Counter';
  count = 0;
  customer = 'customer 7';
  @Unindexed() note = 'n'.repeat(300);
}

/** What the handlers do, beside counting. */
@Injectable()
export class Work {
  step: (counter: Counter, lease: Lease) => unknown = (_, lease) => lease.next();
  bare: () => unknown = () => undefined;
}

@Injectable()
class OpenGuard implements CanActivate {
  canActivate(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

@Injectable()
class IdleInterceptor implements NestInterceptor {
  intercept(_: unknown, next: CallHandler) {
    return next.handle();
  }
}

@Controller('counter')
export class CounterTasks {
  constructor(private readonly work: Work) {}

  @LockedTask('count', Counter)
  async count(counter: Counter, lease: Lease) {
    counter.count++;
    await this.work.step(counter, lease);
  }

  /** A handler of Nest with nothing around it, which answers as a task's does. */
  @Post('bare')
  @HttpCode(200)
  async bare() {
    await this.work.bare();
    return { outcome: 'advanced' };
  }

  /** The same with a guard and an interceptor that do nothing: what Nest takes for having them. */
  @Post('guarded')
  @HttpCode(200)
  @UseGuards(OpenGuard)
  @UseInterceptors(IdleInterceptor)
  async guarded() {
    await this.work.bare();
    return { outcome: 'advanced' };
  }
}

const nothing = () => Promise.resolve();

/** What an application calls: Google's clients, the emulator in process, or what stands in for them. */
export interface Services {
  readonly datastore: DatastoreApi;
  readonly tasks: TasksApi;
}

export interface CounterApplicationOptions {
  readonly services: Services;
  readonly adapter?: 'express' | 'fastify';
  readonly options?: Partial<LockerModuleOptions>;
  readonly clock?: Clock;
  /** Where tasks are delivered to, if not to the application itself. */
  readonly baseUrl?: string;
}

export interface CounterApplication {
  readonly nest: INestApplication;
  readonly locker: LockerService;
  readonly work: Work;
  readonly url: string;
  readonly port: number;
}

/** A real application of the package, with the services below it given. */
export async function startCounterApplication({
  services,
  adapter = 'express',
  options = {},
  clock = systemClock,
  baseUrl,
}: CounterApplicationOptions): Promise<CounterApplication> {
  const port = await loopbackPort();
  const url = `http://127.0.0.1:${port}`;
  const target = { baseUrl: baseUrl ?? url };
  const module = await Test.createTestingModule({
    imports: [
      LockerModule.forRoot({
        target,
        guard: 'none',
        location,
        projectId,
        sweep: false,
        ...options,
      }),
    ],
    controllers: [CounterTasks],
    providers: [Work],
  })
    .overrideProvider(CLIENTS)
    .useValue({ projectId, ...services, logging: undefined, close: nothing })
    .overrideProvider(CLOCK)
    .useValue(clock)
    .compile();
  const nest = module.createNestApplication(
    adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    { logger: ['error', 'fatal'] },
  );
  await nest.listen(port, '127.0.0.1');
  return { nest, locker: nest.get(LockerService), work: nest.get(Work), url, port };
}
