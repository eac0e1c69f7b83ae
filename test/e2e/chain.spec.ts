import { Body, Controller, Injectable } from '@nestjs/common';
import { Lease, Lockable, LockedTask } from 'nestjs-datastore-locker';
import { afterEach, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';

class Order extends Lockable {
  static readonly kind = 'Order';
  total = 0;
  steps: string[] = [];
}

class ConfirmDto {
  note!: string;
}

@Injectable()
class Ledger {
  readonly lines: string[] = [];
}

@Controller('tasks')
class OrderTasks {
  constructor(private readonly ledger: Ledger) {}

  @LockedTask('order.charge', Order)
  async charge(order: Order, lease: Lease) {
    this.ledger.lines.push(`charge ${lease.step}`);
    order.steps.push('charge');
    await lease.next('order.confirm', { body: { note: 'thanks' } });
  }

  @LockedTask('order.confirm', Order)
  confirm(order: Order, lease: Lease, @Body() body: ConfirmDto) {
    this.ledger.lines.push(`confirm ${lease.step} ${body.note}`);
    order.steps.push('confirm');
  }
}

describe.each(adapters)('a chain on %s', (adapter) => {
  let application: Application;
  afterEach(() => application.stop());

  it.each([false, true])('runs every step once and in order (forRootAsync: %s)', async (async) => {
    application = await Application.start({
      adapter,
      async,
      controllers: [OrderTasks],
      providers: [Ledger],
    });
    const { locker, emulator } = application;
    const key = locker.key(Order, 5);
    const order = new Order();
    order.total = 12;

    const scheduled = await locker.schedule(key, order, 'order.charge');
    expect(scheduled).toMatchObject({ started: true, dispatched: true });
    await emulator.drain();

    expect(application.get(Ledger).lines).toEqual(['charge 1', 'confirm 2 thanks']);
    const stored = await locker.get(key);
    expect(stored).toMatchObject({ total: 12, steps: ['charge', 'confirm'] });
    expect(stored?.lock).toMatchObject({ state: 'completed', run: scheduled.run, due: undefined });
  });
});
