import {
  Controller,
  Module,
  RequestMethod,
  Version,
  VersioningType,
  VERSION_NEUTRAL,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Lease, Lock, Lockable, LockedTask } from 'nestjs-datastore-locker';
import { afterEach, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';

class Order extends Lockable {
  static readonly kind = 'Order';
  steps: string[] = [];
}

class Kindless extends Lockable {
  static readonly kind = '';
}

class Lockless {
  static readonly kind = 'Lockless';
  lock!: Lock;
}

/** A class that does not extend `Lockable`. */
class Plain {
  static readonly kind = 'Plain';
  lock = new Lock();
}

@Controller('tasks')
class One {
  @LockedTask('order.charge', Order)
  charge(order: Order) {
    order.steps.push('charge');
  }
}

@Controller('others')
class Two {
  @LockedTask('order.charge', Order)
  again(order: Order) {
    order.steps.push('again');
  }
}

@Controller()
class OfKindless {
  @LockedTask('a', Kindless)
  run(entity: Kindless) {
    return entity;
  }
}

@Controller()
class OfLockless {
  @LockedTask('a', Lockless)
  run(entity: Lockless) {
    return entity;
  }
}

@Controller()
class BadlyNamed {
  @LockedTask('order/charge', Order)
  run(order: Order) {
    return order;
  }
}

@Controller()
class BadlyTermed {
  @LockedTask('order.charge', Order, { maxRetries: -1 })
  run(order: Order) {
    return order;
  }
}

@Controller()
class BadlyPaced {
  @LockedTask('order.charge', Order, { backoff: { min: 'soon' } })
  run(order: Order) {
    return order;
  }
}

@Controller()
class BadlyBounded {
  @LockedTask('order.charge', Order, { backoff: { min: '11m' } })
  run(order: Order) {
    return order;
  }
}

@Controller()
class BadlyLost {
  @LockedTask('order.charge', Order, { onLost: 'ignore' as 'fail' })
  run(order: Order) {
    return order;
  }
}

describe('an application does not start', () => {
  it.each<[string, Type[], object, RegExp]>([
    [
      'with two handlers of one name',
      [One, Two],
      {},
      /Two\.again and One\.charge both handle "order\.charge"; task names are global/,
    ],
    [
      'with an entity without kind',
      [OfKindless],
      {},
      /OfKindless\.run: Kindless has no kind; add "static readonly kind = 'Kindless'"/,
    ],
    [
      'with an entity without lock',
      [OfLockless],
      {},
      /OfLockless\.run: Lockless has no lock; let it extend Lockable/,
    ],
    [
      'with an alias to nothing',
      [One],
      { aliases: { 'order.pay': 'order.bill' } },
      /option "aliases" leads "order\.pay" to "order\.bill", which no @LockedTask is called/,
    ],
    ['with a bad task name', [BadlyNamed], {}, /BadlyNamed\.run: "order\/charge" is no task name/],
    [
      'with bad terms of a task',
      [BadlyTermed],
      {},
      /option "maxRetries of BadlyTermed\.run" expected a whole number from 0 to 1000, got -1/,
    ],
    [
      'with a bad backoff of a task',
      [BadlyPaced],
      {},
      /option "backoff\.min of BadlyPaced\.run" expected a duration such as '90s', got 'soon'/,
    ],
    [
      'with a backoff of a task that ends before it begins',
      [BadlyBounded],
      {},
      /option "backoff\.max of BadlyBounded\.run" expected a duration such as '90s' of at least 660000 ms/,
    ],
    [
      'with a task that does not know what a loss means',
      [BadlyLost],
      {},
      /option "onLost of BadlyLost\.run" expected 'retry' or 'fail', got 'ignore'/,
    ],
  ])('%s', async (_, controllers, options, message) => {
    const starting = Application.start({ controllers, options });
    await expect(starting).rejects.toThrow(message);
  });

  it.each([false, true])('with a wrong option (forRootAsync: %s)', async (async) => {
    const options = { leaseTimeout: '1m' };
    const starting = Application.start({ controllers: [One], options, async });
    await expect(starting).rejects.toThrow(/"leaseTimeout" expected more than dispatchDeadline/);
  });
});

@Controller({ path: ['first', 'second'] })
class Everywhere {
  @LockedTask('order.charge', Order)
  charge(order: Order) {
    order.steps.push('charge');
  }

  @LockedTask('order.confirm', Order, { path: '/confirm/it' })
  confirm(order: Order) {
    order.steps.push('confirm');
  }
}

@Controller({ path: 'versioned', version: '2' })
class Versioned {
  @LockedTask('order.charge', Order)
  charge(order: Order) {
    order.steps.push('charge');
  }

  @Version('3')
  @LockedTask('order.confirm', Order)
  confirm(order: Order) {
    order.steps.push('confirm');
  }

  @Version(VERSION_NEUTRAL)
  @LockedTask('order.neutral', Order)
  neutral(order: Order) {
    order.steps.push('neutral');
  }
}

@Module({ controllers: [One] })
class TasksModule {}

@Controller('tasks')
class PlainTasks {
  @LockedTask('plain', Plain)
  run(_: Plain, lease: Lease) {
    return lease.step < 2 && lease.next();
  }
}

/** Runs `task` once, over HTTP as its queue does, and tells the path that it took. */
async function pathOf(application: Application, task: string): Promise<string> {
  const { locker, emulator } = application;
  const key = locker.key(Order, `${Math.random()}`);
  const wire = application.listen();
  await locker.schedule(key, new Order(), task);
  await emulator.drain();
  wire.close();
  expect(wire.answers).toEqual([200]);
  expect((await locker.get(key))?.steps).toHaveLength(1);
  const urls = wire.events.flatMap((event) => (event.type === 'dispatch' ? [event.url] : []));
  return new URL(urls[0] ?? '').pathname;
}

describe.each(adapters)('on %s a task is served', (adapter) => {
  let application: Application;
  afterEach(() => application.stop());

  const start = async (
    controllers: Type[],
    configure: (app: INestApplication) => void = () => undefined,
    imports: ReturnType<typeof RouterModule.register>[] | Type[] = [],
  ) => {
    application = await Application.start({ adapter, controllers, configure, imports });
  };

  it('below the first path of its controller, or where its own option says', async () => {
    await start([Everywhere]);
    expect(await pathOf(application, 'order.charge')).toBe('/first/order.charge');
    expect(await pathOf(application, 'order.confirm')).toBe('/first/confirm/it');
  });

  it('below the global prefix', async () => {
    await start([One], (app) => void app.setGlobalPrefix('api/v1'));
    expect(await pathOf(application, 'order.charge')).toBe('/api/v1/tasks/order.charge');
  });

  it('without the global prefix where that excludes it', async () => {
    await start([Everywhere], (app) => {
      app.setGlobalPrefix('api', {
        exclude: [
          { path: 'first/order.charge', method: RequestMethod.POST },
          { path: 'first/confirm/it', method: RequestMethod.GET },
        ],
      });
    });
    expect(await pathOf(application, 'order.charge')).toBe('/first/order.charge');
    expect(await pathOf(application, 'order.confirm')).toBe('/api/first/confirm/it');
  });

  it('below the path that RouterModule gives to its module', async () => {
    application = await Application.start({
      adapter,
      imports: [TasksModule, RouterModule.register([{ path: 'inner', module: TasksModule }])],
      configure: (app) => void app.setGlobalPrefix('api'),
    });
    expect(await pathOf(application, 'order.charge')).toBe('/api/inner/tasks/order.charge');
  });

  it.each([
    [{ type: VersioningType.URI }, '/v2/', '/v3/', '/'],
    [{ type: VersioningType.URI, prefix: 'version-' }, '/version-2/', '/version-3/', '/'],
    [{ type: VersioningType.URI, prefix: false }, '/2/', '/3/', '/'],
  ] as const)('below its version (%j)', async (versioning, two, three, neutral) => {
    await start([Versioned], (app) => void app.enableVersioning({ ...versioning }));
    expect(await pathOf(application, 'order.charge')).toBe(`${two}versioned/order.charge`);
    expect(await pathOf(application, 'order.confirm')).toBe(`${three}versioned/order.confirm`);
    expect(await pathOf(application, 'order.neutral')).toBe(`${neutral}versioned/order.neutral`);
  });

  it('below prefix and version, in that order', async () => {
    await start([Versioned], (app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI });
    });
    expect(await pathOf(application, 'order.charge')).toBe('/api/v2/versioned/order.charge');
  });

  it('for a class that brings its own lock', async () => {
    await start([PlainTasks]);
    const { locker, emulator } = application;
    const key = locker.key(Plain, 1);
    await locker.schedule(key, new Plain(), 'plain');
    await emulator.drain();
    expect((await locker.get(key))?.lock).toMatchObject({ state: 'completed' });
  });

  it('under its former name too', async () => {
    application = await Application.start({
      adapter,
      controllers: [One],
      options: { aliases: { 'order.pay': 'order.charge' } },
    });
    expect(await pathOf(application, 'order.pay')).toBe('/tasks/order.charge');
  });
});

describe('a step whose handler is gone', () => {
  it('is stored, and somebody is told where its successor is to be named', async () => {
    const application = await Application.start({ controllers: [One] });
    const { locker, emulator } = application;
    emulator.faults.hold();
    const key = locker.key(Order, 1);
    const { run } = await locker.schedule(key, new Order(), 'order.charge');
    const stored = await application.proto(key);
    // What an earlier version of the application stored.
    const task = { v: 1, name: 'order.pay', queue: 'default', number: 1, first: 1 };
    const lock_task = { stringValue: JSON.stringify(task), excludeFromIndexes: true };
    const upsert = { ...stored, properties: { ...stored?.properties, lock_task } };
    await emulator.datastore.commit({
      projectId: 'test-project',
      mode: 'NON_TRANSACTIONAL',
      mutations: [{ upsert }],
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'order.charge' });
    const { alerts } = application;
    await application.stop();
    expect(answer).toMatchObject({ status: 409, body: { outcome: 'superseded' } });
    expect(alerts).toMatchObject([{ type: 'misconfigured', step: 1 }]);
    expect(alerts[0]?.message).toContain(
      'no handler is called "order.pay"; name its successor in the option "aliases"',
    );
  });
});
