import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WorkerModule } from './worker.module.js';

/** One instance of the application, on any free port; tells it to the process that started it. */
const logger = new ConsoleLogger({ json: true });
const app = await NestFactory.create(WorkerModule, { logger });
app.enableShutdownHooks();
await app.listen(0, '127.0.0.1');
process.send?.({ port: Number(new URL(await app.getUrl()).port) });
