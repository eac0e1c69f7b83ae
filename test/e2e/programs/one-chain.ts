import { setTimeout } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Lease, Lockable, LockedTask, LockerModule, LockerService } from 'nestjs-datastore-locker';
import { startEmulator } from 'nestjs-datastore-locker/emulator';
import { loopbackPort } from '../../../lib/testing/loopback-port.js';

// An application as anybody writes it, with clients of the package's own. It runs a chain, closes, and has to end.

class Order extends Lockable {
  static readonly kind = 'Order';
}

let finish = () => {};
const finished = new Promise<void>((resolve) => (finish = resolve));

@Controller('tasks')
class OrderTasks {
  @LockedTask('order.step', Order)
  async step(_: Order, lease: Lease) {
    if (lease.step < 3) await lease.next();
    else finish();
  }
}

const emulator = await startEmulator();
Object.assign(process.env, emulator.env);
const port = await loopbackPort();

@Module({
  imports: [
    LockerModule.forRoot({
      target: { baseUrl: `http://127.0.0.1:${port}` },
      guard: 'none',
      location: 'europe-west1',
      projectId: 'p',
    }),
  ],
  controllers: [OrderTasks],
})
class AppModule {}

const adapter = process.argv[2] === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
await app.listen(port, '127.0.0.1');
const locker = app.get(LockerService);
const key = locker.key(Order, 1);
await locker.schedule(key, new Order(), 'order.step');
await finished;
while ((await locker.get(key))?.lock.state !== 'completed');
await app.close();
// The emulator is in this process too: its side of every connection shows until the application has closed it.
const isConnected = () => process.getActiveResourcesInfo().includes('TCPSocketWrap');
for (let turn = 0; turn < 500 && isConnected(); turn++) await setTimeout(10);
if (isConnected()) process.stdout.write('still connected\n');
await emulator.stop();
process.stdout.write('closed\n');
