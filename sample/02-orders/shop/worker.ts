import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ShopModule } from './shop.module.js';

/** One instance of the shop, at PORT; tells the process that started it when it listens. */
export async function serve(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(ShopModule, new FastifyAdapter(), {
    logger: new ConsoleLogger({ json: true }),
  });
  app.enableShutdownHooks();
  await app.listen(Number(process.env['PORT']), process.env['HOST'] ?? '127.0.0.1');
  process.send?.('listening');
}
