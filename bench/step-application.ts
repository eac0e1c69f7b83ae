import { Datastore } from '@google-cloud/datastore';
import { Controller, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Lease,
  Lockable,
  LockedTask,
  LockerModule,
  LockerService,
  type LockerModuleOptions,
} from 'nestjs-datastore-locker';
import type { Emulator } from 'nestjs-datastore-locker/emulator';
import { keyToProto } from '../lib/datastore/keys.js';
import { createTasksClient } from '../lib/google/tasks-client.js';
import { encodeLockKey } from '../lib/tasks/lock-key.js';
import { freePort } from '../test/support/free-port.js';

const projectId = 'bench';

class Counter extends Lockable {
  static readonly kind = 'Counter';
  value = 0;
}

@Controller()
class CounterTasks {
  @LockedTask('count', Counter)
  async count(counter: Counter, lease: Lease) {
    counter.value++;
    await lease.next();
  }
}

/** A real application with one chain that never ends; its steps are delivered by hand, one after the other. */
export class StepApplication {
  static async start(
    emulator: Emulator,
    name: string,
    options: Partial<LockerModuleOptions>,
  ): Promise<StepApplication> {
    const port = await freePort();
    const baseUrl = `http://127.0.0.1:${port}`;
    const tasks = createTasksClient(projectId, emulator.tasksHost);
    const locker = LockerModule.forRoot({
      target: { baseUrl },
      guard: 'none',
      location: 'europe-west1',
      projectId,
      datastore: new Datastore({ projectId, apiEndpoint: emulator.datastoreHost }),
      tasks,
      sweep: false,
      ...options,
    });
    class App {}
    Module({ imports: [locker], controllers: [CounterTasks] })(App);
    const app = await NestFactory.create(App, { logger: ['error', 'warn'] });
    await app.listen(port, '127.0.0.1');
    const service = app.get(LockerService);
    const key = service.key(Counter, name);
    const { run } = await service.schedule(key, new Counter(), 'count');
    const headers = {
      'content-type': 'application/json',
      'x-cloudtasks-queuename': 'default',
      'x-cloudtasks-taskname': 'by-hand',
      'x-cloudtasks-taskretrycount': '0',
      'x-cloudtasks-tasketa': String(Date.now() / 1_000),
      'x-lock-key': encodeLockKey({ projectId, databaseId: '', key: keyToProto(key) }),
      'x-lock-run': run,
    };
    return new StepApplication(app, tasks, `${baseUrl}/count`, headers);
  }

  private step = 0;

  private constructor(
    private readonly app: INestApplication,
    private readonly tasks: { close(): Promise<void> },
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** Some steps, one after the other; milliseconds each. */
  async run(count: number): Promise<number> {
    const began = performance.now();
    for (let done = 0; done < count; done++) await this.deliver();
    return (performance.now() - began) / count;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.tasks.close();
  }

  private async deliver(): Promise<void> {
    const headers = { ...this.headers, 'x-lock-seq': String(++this.step) };
    const response = await fetch(this.url, { method: 'POST', headers, body: '{}' });
    const answer = await response.text();
    if (!answer.includes('advanced'))
      throw new Error(`Step ${this.step} was answered ${response.status} ${answer}.`);
  }
}
