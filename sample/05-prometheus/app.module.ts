import { CloudTasksClient } from '@google-cloud/tasks';
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { LockerModule, lockerConfig } from 'nestjs-datastore-locker';
import { openTelemetry } from 'nestjs-datastore-locker/telemetry';
import { createTasksClient } from '../surroundings/tasks-client.js';
import { Duplicator } from './duplicator.js';
import { InvoiceController } from './invoice.controller.js';

@Module({
  imports: [
    LockerModule.forRootAsync({
      imports: [ConfigModule.forFeature(lockerConfig)],
      inject: [lockerConfig.KEY],
      useFactory: (options: ConfigType<typeof lockerConfig>) => ({
        ...options,
        telemetry: openTelemetry(),
      }),
    }),
    ConfigModule.forFeature(lockerConfig),
  ],
  controllers: [InvoiceController],
  providers: [Duplicator, { provide: CloudTasksClient, useFactory: createTasksClient }],
})
export class AppModule implements OnApplicationShutdown {
  constructor(private readonly tasks: CloudTasksClient) {}

  async onApplicationShutdown(): Promise<void> {
    await this.tasks.close();
  }
}
