import { Controller, Module, Post } from '@nestjs/common';
import { Lease, Lockable, LockedTask, LockerModule, LockerService } from 'nestjs-datastore-locker';
import { chargeCard, sendMail } from './outside.js';

export class Order extends Lockable {
  static readonly kind = 'Order';
  total = 12;
  receipt?: string;
}

@Controller('orders')
export class Orders {
  constructor(private readonly locker: LockerService) {}

  @Post() // Stores the order and schedules its first step, all or nothing.
  place() {
    return this.locker.schedule(this.locker.key(Order), new Order(), 'order.charge');
  }

  @LockedTask('order.charge', Order) // Serves POST /orders/order.charge, for Cloud Tasks.
  async charge(order: Order, lease: Lease) {
    order.receipt = await chargeCard(order.total, lease.idempotencyKey);
    await lease.next('order.confirm', { delay: '5m' }); // Stores the order, schedules the next step.
  }

  @LockedTask('order.confirm', Order)
  async confirm(order: Order, lease: Lease) {
    await sendMail(`Paid, ${order.receipt}`, lease.idempotencyKey); // Returning completes the chain.
  }
}

const target = { baseUrl: process.env['BASE_URL'] ?? 'http://127.0.0.1:3000' };

@Module({
  imports: [LockerModule.forRoot({ target, guard: 'none', location: 'europe-west1' })],
  controllers: [Orders],
})
export class AppModule {}
