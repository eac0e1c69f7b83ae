import { MailerService } from '@nestjs-modules/mailer';
import { Body, Controller, Inject } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { Lease, LockedTask, LockerService, PermanentTaskError } from 'nestjs-datastore-locker';
import { ChargeDto } from './charge.dto.js';
import { Order } from './order.js';
import { Payments } from './payments.js';
import { shopConfig } from './shop.config.js';
import { Stock } from './stock.js';

/** The chain of an order, one method a step. */
@Controller('tasks')
export class OrderTasks {
  constructor(
    private readonly locker: LockerService,
    private readonly payments: Payments,
    private readonly mailer: MailerService,
    @Inject(shopConfig.KEY) private readonly config: ConfigType<typeof shopConfig>,
  ) {}

  /** Money: an attempt that nobody knows the outcome of is not repeated before somebody has looked. */
  @LockedTask('order.charge', Order, { onLost: 'fail' })
  async charge(order: Order, lease: Lease, @Body() body: ChargeDto) {
    order.chargeId = await this.payments.charge(body, lease);
    await lease.next('order.reserve');
  }

  /** Order and stock change together, or neither does. */
  @LockedTask('order.reserve', Order)
  async reserve(order: Order) {
    order.isReserved = true;
    const key = this.locker.key(Stock, order.product);
    await this.locker.transact(async (tx) => {
      const stock = await tx.get(key);
      if (!stock || stock.left < order.quantity)
        throw new PermanentTaskError(`${order.product} is sold out`);
      stock.left -= order.quantity;
      tx.save(key, stock);
      tx.next('order.confirm');
    });
  }

  /** A mail may go out twice, if the instance dies after it: then with the same Message-ID. */
  @LockedTask('order.confirm', Order)
  async confirm(order: Order, lease: Lease) {
    await this.mailer.sendMail({
      to: order.email,
      subject: `Your order ${lease.key.name}`,
      text: `Thank you. ${order.quantity} × ${order.product} will be with you soon.`,
      messageId: `<${lease.idempotencyKey}@shop.example>`,
      headers: { 'X-Order': lease.key.name ?? '' },
    });
    order.isConfirmed = true;
    await lease.next('order.ship', { delay: this.config.shipAfter });
  }

  /** The last step: returning completes the run. */
  @LockedTask('order.ship', Order)
  ship(order: Order) {
    order.shippedAt = new Date();
  }
}
