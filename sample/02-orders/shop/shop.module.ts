import { MailerModule } from '@nestjs-modules/mailer';
import { Module, ValidationPipe } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { LockerModule, lockerConfig } from 'nestjs-datastore-locker';
import { LockerConsoleModule } from 'nestjs-datastore-locker/console';
import { forStaff } from '../../staff/console.js';
import { Order } from './order.js';
import { OrderTasks } from './order-tasks.controller.js';
import { OrdersController } from './orders.controller.js';
import { Payments } from './payments.js';
import { shopConfig } from './shop.config.js';

@Module({
  imports: [
    LockerModule.forRootAsync(lockerConfig.asProvider()),
    LockerConsoleModule.forRoot({
      ...forStaff,
      // What those who look after orders need to know. Whose they are is not among it.
      properties: (order) =>
        order instanceof Order
          ? { ordered: `${order.quantity} × ${order.product}`, charge: order.chargeId ?? 'unknown' }
          : {},
    }),
    MailerModule.forRootAsync({
      imports: [ConfigModule.forFeature(shopConfig)],
      inject: [shopConfig.KEY],
      useFactory: ({ smtpPort }: { smtpPort: number }) => ({
        transport: { host: '127.0.0.1', port: smtpPort, secure: false, ignoreTLS: true },
        defaults: { from: 'shop@shop.example' },
      }),
    }),
    ConfigModule.forFeature(shopConfig),
  ],
  controllers: [OrdersController, OrderTasks],
  providers: [
    Payments,
    {
      provide: APP_PIPE,
      useFactory: () => new ValidationPipe({ transform: true, whitelist: true }),
    },
  ],
})
export class ShopModule {}
