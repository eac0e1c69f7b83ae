import { Datastore } from '@google-cloud/datastore';
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  LockerModule,
  LockerService,
  type EntityClass,
  type LockedEntity,
} from 'nestjs-datastore-locker';
import type { ChainName } from './names.js';
import { location, projectId } from './plan.js';
import { tasksClient } from './programs/queue.js';
import type { StoredChain } from './verdict/evidence.js';
import { Chain, Child, Parent } from './worker/entities.js';

/** Reads what is stored in the end. */
export class Archive {
  private constructor(
    private readonly context: INestApplicationContext,
    private readonly tasks: CloudTasksClient,
  ) {}

  static async open(datastoreHost: string, tasksHost: string): Promise<Archive> {
    const datastore = new Datastore({ projectId, apiEndpoint: datastoreHost });
    const tasks = tasksClient(tasksHost);
    const module = LockerModule.forRoot({
      projectId,
      location,
      datastore,
      tasks,
      target: { baseUrl: 'http://127.0.0.1' },
      guard: 'none',
      sweep: false,
    });
    const context = await NestFactory.createApplicationContext(module, { logger: ['error'] });
    return new Archive(context, tasks);
  }

  async read({ kind, name }: ChainName): Promise<StoredChain> {
    switch (kind) {
      case 'chain': {
        const chain = await this.get(Chain, name);
        return { kind, name, ...lockOf(chain), trail: chain?.trail ?? [] };
      }
      case 'child': {
        const child = await this.get(Child, name);
        return { kind, name, ...lockOf(child), trail: child?.trail ?? [] };
      }
      case 'parent': {
        const parent = await this.get(Parent, name);
        const { trail = [], arrived = [], timedOut = false } = parent ?? {};
        return { kind, name, ...lockOf(parent), trail, arrived, timedOut };
      }
    }
  }

  /** The lock as it is stored, for people. */
  async lock({ kind, name }: ChainName): Promise<object | undefined> {
    const type = { chain: Chain, parent: Parent, child: Child }[kind];
    return (await this.get<LockedEntity>(type, name))?.lock;
  }

  /** How many tasks wait in the queue: those of sweeps, and all others. */
  async waitingTasks(): Promise<{ sweeps: number; others: number }> {
    const parent = this.tasks.queuePath(projectId, location, 'default');
    const [tasks] = await this.tasks.listTasks({ parent });
    const sweeps = tasks.filter(({ httpRequest }) => httpRequest?.url?.endsWith('/locker/sweep'));
    return { sweeps: sweeps.length, others: tasks.length - sweeps.length };
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.tasks.close();
  }

  private get<E extends LockedEntity>(type: EntityClass<E>, name: string): Promise<E | undefined> {
    const locker = this.context.get(LockerService);
    return locker.get(locker.key(type, name));
  }
}

function lockOf(
  entity: LockedEntity | undefined,
): Pick<StoredChain, 'state' | 'isOwing' | 'history'> {
  if (!entity) return { state: 'missing', isOwing: false, history: [] };
  const { state, due, history } = entity.lock;
  return { state, isOwing: due !== undefined, history };
}
