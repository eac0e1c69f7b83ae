import { Controller, Logger, Module, Post } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import {
  Lease,
  Lockable,
  LockedTask,
  lockerConfig,
  LockerModule,
  LockerService,
} from 'nestjs-datastore-locker';

class Order extends Lockable {
  static readonly kind = 'Order';
  total = 12;
  receipt?: string;
}

@Controller('orders')
class Orders {
  private readonly logger = new Logger(Orders.name);

  constructor(private readonly locker: LockerService) {}

  @Post()
  place() {
    return this.locker.schedule(this.locker.key(Order), new Order(), 'order.charge');
  }

  @LockedTask('order.charge', Order)
  async charge(order: Order, lease: Lease) {
    this.logger.log(`Charging ${order.total}, key ${lease.idempotencyKey}`);
    order.receipt = `receipt for ${order.total}`;
    await lease.next('order.confirm', { delay: '5s' });
  }

  @LockedTask('order.confirm', Order)
  confirm(order: Order, lease: Lease) {
    this.logger.log(`Confirming ${order.receipt}, step ${lease.step}`);
  }
}

@Module({
  imports: [
    ConfigModule.forRoot({ load: [lockerConfig] }),
    LockerModule.forRootAsync(lockerConfig.asProvider()),
  ],
  controllers: [Orders],
})
export class AppModule {}
