import { Body, Controller, Get, NotFoundException, Param, Post } from '@nestjs/common';
import { LockerService } from 'nestjs-datastore-locker';
import { Order } from './order.js';
import { PlaceOrderDto } from './place-order.dto.js';

/** What a piece costs, in cents. */
const price = 1_250;

/** For customers, and for whoever looks after the orders. */
@Controller('orders')
export class OrdersController {
  constructor(private readonly locker: LockerService) {}

  /** Stores the order and schedules its first step, all or nothing. Sent again it finds what is there. */
  @Post()
  place(@Body() { id, email, product, quantity }: PlaceOrderDto) {
    const total = price * quantity;
    const order = Object.assign(new Order(), { email, product, quantity, total });
    const body = { amount: total, currency: 'EUR' };
    return this.locker.schedule(this.locker.key(Order, id), order, 'order.charge', {
      body,
      startId: id,
    });
  }

  /** The orders whose run has failed, and why. */
  @Get('failed')
  async failed() {
    const { chains } = await this.locker.list({ kind: Order.kind, state: 'failed' });
    return chains.map(({ key, lock }) => ({ id: key.name, step: lock.step, error: lock.error }));
  }

  /** A failed order goes on at the step that failed, with the same idempotency key as before. */
  @Post(':id/retry')
  async retry(@Param('id') id: string) {
    const key = this.locker.key(Order, id);
    if (!(await this.locker.get(key))) throw new NotFoundException(`There is no order ${id}.`);
    return this.locker.retry(key);
  }
}
