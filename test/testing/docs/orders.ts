import { Controller, Injectable, Module } from '@nestjs/common';
import { Lease, Lockable, LockedTask, LockerModule, lockerConfig } from 'nestjs-datastore-locker';

/** The application that docs/testing.md tests. */
export class Order extends Lockable {
  static readonly kind = 'Order';
  total = 12;
  receipt?: string;
}

@Injectable()
export class Payments {
  charge(_total: number, _idempotencyKey: string): Promise<string> {
    return Promise.reject(new Error('No payments in tests.'));
  }
}

@Controller('orders')
export class Orders {
  constructor(private readonly payments: Payments) {}

  @LockedTask('order.charge', Order)
  async charge(order: Order, lease: Lease) {
    order.receipt = await this.payments.charge(order.total, lease.idempotencyKey);
    await lease.next('order.ship', { delay: '2d' });
  }

  @LockedTask('order.ship', Order)
  ship() {}
}

@Module({
  imports: [LockerModule.forRootAsync(lockerConfig.asProvider())],
  controllers: [Orders],
  providers: [Payments],
})
export class AppModule {}
