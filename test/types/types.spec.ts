import { Body, Controller } from '@nestjs/common';
import {
  Lease,
  Lock,
  Lockable,
  LockedTask,
  PermanentTaskError,
  type EntityKey,
  type LockerError,
  type LockerModuleOptions,
  type LockerService,
  type Scheduled,
} from 'nestjs-datastore-locker';
import { describe, expectTypeOf, it } from 'vitest';

class Order extends Lockable {
  static readonly kind = 'Order';
  total = 0;
}

/** An entity that cannot extend `Lockable`. */
class Invoice {
  static readonly kind = 'Invoice';
  lock = new Lock();
  number = 1;
}

class WithoutKind extends Lockable {
  total = 0;
}

class WithoutLock {
  static readonly kind = 'WithoutLock';
}

class WithArguments extends Lockable {
  static readonly kind = 'WithArguments';
  constructor(readonly total: number) {
    super();
  }
}

/** Never made: these are for the compiler. What `@ts-expect-error` expects and does not find fails `npm run typecheck`. */
@Controller()
export class Declarations {
  @LockedTask('a', Order)
  withEntityAndLease(order: Order, lease: Lease) {
    return lease.next('b', { body: { total: order.total } });
  }

  @LockedTask('b', Order)
  withEntityAlone(order: Order) {
    order.total += 1;
  }

  @LockedTask('c', Order)
  withNothing() {}

  @LockedTask('d', Invoice, { onLost: 'fail', backoff: { min: '1s' } })
  async withMore(invoice: Invoice, lease: Lease, @Body() body: { readonly note: string }) {
    await lease.save();
    return `${invoice.number} ${body.note}`;
  }

  // @ts-expect-error -- the handler takes entities of another class than the task has
  @LockedTask('e', Order)
  withWrongEntity(invoice: Invoice) {
    return invoice.number;
  }

  // @ts-expect-error -- the entity comes first, then the lease
  @LockedTask('f', Order)
  withWrongOrder(lease: Lease, order: Order) {
    return [lease.step, order.total];
  }

  // @ts-expect-error -- the second parameter is the lease, whatever else is wanted
  @LockedTask('g', Order)
  withoutLease(order: Order, @Body() body: { readonly note: string }) {
    return [order.total, body.note];
  }

  // @ts-expect-error -- a class of entities says its kind
  @LockedTask('h', WithoutKind)
  withoutKind(entity: WithoutKind) {
    return entity.total;
  }

  // @ts-expect-error -- a class of entities has a lock
  @LockedTask('i', WithoutLock)
  withoutLock() {}

  // @ts-expect-error -- an entity is made without arguments
  @LockedTask('j', WithArguments)
  withArguments(entity: WithArguments) {
    return entity.total;
  }

  // @ts-expect-error -- what a lost attempt means is one of two words
  @LockedTask('k', Order, { onLost: 'ignore' })
  withWrongOption() {}
}

/** Never called. */
export async function uses(locker: LockerService, order: Order, invoice: Invoice) {
  const key = locker.key(Order, 1);
  await locker.schedule(key, order, 'a', { delay: '5m', onActive: 'join' });
  await locker.schedule(locker.key(Invoice, 'name'), invoice, 'd', {
    startId: 'x',
    at: new Date(),
  });
  // @ts-expect-error -- the entity is not of the key's class
  await locker.schedule(key, invoice, 'a');
  // @ts-expect-error -- a key is made from a class, not from its name
  locker.key('Order', 1);
  // @ts-expect-error -- the entity is not of the key's class
  await locker.update(key, (entity: Invoice) => void (entity.number = 2));
  await locker.transact(async (tx) => {
    const mine = await tx.get(key);
    if (mine) tx.save(key, mine);
    // @ts-expect-error -- the entity is not of the key's class
    tx.save(key, invoice);
    tx.complete();
  });
}

describe('the types', () => {
  it('know the entity of a key', () => {
    expectTypeOf<ReturnType<typeof keyOfOrder>>().toEqualTypeOf<EntityKey<Order>>();
    expectTypeOf<Awaited<ReturnType<typeof getOrder>>>().toEqualTypeOf<Order | undefined>();
  });

  it('say what a lease can do', () => {
    expectTypeOf<Lease['next']>().returns.resolves.toEqualTypeOf<Scheduled>();
    expectTypeOf<Lease['signal']>().toEqualTypeOf<AbortSignal>();
    expectTypeOf<Lease['attempt']>().toBeNumber();
  });

  it('tell errors by their codes', () => {
    expectTypeOf<PermanentTaskError>().toExtend<LockerError>();
    expectTypeOf<PermanentTaskError['code']>().toEqualTypeOf<'PERMANENT'>();
  });

  it('require where tasks go, who may deliver them, and where the queues are', () => {
    expectTypeOf<
      Pick<LockerModuleOptions, 'target' | 'guard' | 'location'>
    >().toExtend<LockerModuleOptions>();
    expectTypeOf<{ target: { baseUrl: string } }>().not.toExtend<LockerModuleOptions>();
    expectTypeOf<'open'>().not.toExtend<LockerModuleOptions['guard']>();
  });
});

const keyOfOrder = (locker: LockerService) => locker.key(Order, 1);
const getOrder = (locker: LockerService) => locker.get(keyOfOrder(locker));
