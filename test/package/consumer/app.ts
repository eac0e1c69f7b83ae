import 'reflect-metadata';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Lease,
  Lockable,
  LockedTask,
  LockerModule,
  LockerService,
  lockerConfig,
} from 'nestjs-datastore-locker';
import { startEmulator } from 'nestjs-datastore-locker/emulator';

class Order extends Lockable {
  static readonly kind = 'Order';
  steps: string[] = [];
}

@Controller('tasks')
class OrderTasks {
  constructor(private readonly locker: LockerService) {}

  @LockedTask('order.charge', Order)
  async charge(order: Order, lease: Lease) {
    order.steps.push('charge');
    await this.locker.schedule(this.locker.key(Order, 'one'), order, 'order.confirm');
    if (lease.step !== 1) throw new Error(`Step ${lease.step} is not the first.`);
  }

  @LockedTask('order.confirm', Order)
  confirm(order: Order) {
    order.steps.push('confirm');
  }
}

@Module({
  imports: [LockerModule.forRootAsync(lockerConfig.asProvider())],
  controllers: [OrderTasks],
})
class AppModule {}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function runChain(app: INestApplication) {
  const locker = app.get(LockerService);
  const key = locker.key(Order, 'one');
  await locker.schedule(key, new Order(), 'order.charge');
  for (let tries = 0; tries < 300; tries++) {
    const order = await locker.get(key);
    if (order?.lock.state === 'completed') return order.steps;
    await sleep(50);
  }
  throw new Error('The chain did not come to its end.');
}

/** Two steps on an emulator of its own; prints them. Ends by itself. */
async function main() {
  const emulator = await startEmulator();
  const port = await freePort();
  Object.assign(process.env, emulator.env, {
    GOOGLE_CLOUD_PROJECT: 'consumer',
    LOCKER_BASE_URL: `http://127.0.0.1:${port}`,
    LOCKER_LOCATION: 'europe-west1',
    LOCKER_GUARD: 'none',
  });
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(port, '127.0.0.1');
  const steps = await runChain(app);
  await app.close();
  await emulator.stop();
  console.log(JSON.stringify({ node: process.version, steps }));
}

void main();
