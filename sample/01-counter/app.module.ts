import { CloudTasksClient } from '@google-cloud/tasks';
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { LockerModule, lockerConfig } from 'nestjs-datastore-locker';
import { counterConfig } from './counter.config.js';
import { CounterController } from './counter.controller.js';
import { Duplicator } from './duplicator.js';
import { createTasksClient } from '../surroundings/tasks-client.js';

@Module({
  imports: [
    LockerModule.forRootAsync(lockerConfig.asProvider()),
    ConfigModule.forFeature(lockerConfig),
    ConfigModule.forFeature(counterConfig),
  ],
  controllers: [CounterController],
  providers: [Duplicator, { provide: CloudTasksClient, useFactory: createTasksClient }],
})
export class AppModule implements OnApplicationShutdown {
  constructor(private readonly tasks: CloudTasksClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.tasks.close();
  }
}
