import { Body, Controller, Injectable, Module, Post } from '@nestjs/common';
import {
  Lease,
  Lockable,
  LockedTask,
  lockerConfig,
  LockerModule,
  LockerService,
  PermanentTaskError,
} from 'nestjs-datastore-locker';

/** A small application as its `main.ts` would start it, for tests of the testing kit. */
export class Order extends Lockable {
  static readonly kind = 'Order';
  total = 12;
  receipt?: string;
}

@Injectable()
export class Payments {
  charge(total: number, _key: string): Promise<string> {
    return Promise.resolve(`receipt for ${total}`);
  }
}

@Controller('orders')
export class Orders {
  constructor(
    private readonly locker: LockerService,
    private readonly payments: Payments,
  ) {}

  @Post()
  async place(@Body() { id }: { id: string }) {
    return this.locker.schedule(this.locker.key(Order, id), new Order(), 'order.charge');
  }

  @LockedTask('order.charge', Order)
  async charge(order: Order, lease: Lease) {
    if (order.total < 0) throw new PermanentTaskError('nothing to charge');
    order.receipt = await this.payments.charge(order.total, lease.idempotencyKey);
    await lease.next('order.ship', { delay: '2d' });
  }

  @LockedTask('order.ship', Order)
  ship() {}

  @LockedTask('order.gather', Order)
  async gather(_: Order, lease: Lease) {
    await lease.next('order.ship', { waitFor: 2, within: '1h' });
  }
}

@Module({
  imports: [LockerModule.forRootAsync(lockerConfig.asProvider())],
  controllers: [Orders],
  providers: [Payments],
})
export class OrdersModule {}
