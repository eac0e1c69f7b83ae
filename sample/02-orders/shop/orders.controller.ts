import { Body, Controller, Post } from '@nestjs/common';
import { LockerService } from 'nestjs-datastore-locker';
import { Order } from './order.js';
import { PlaceOrderDto } from './place-order.dto.js';

/** What a piece costs, in cents. */
const price = 1_250;

/** For customers. Whoever looks after their orders has the console. */
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
}
