import { Datastore } from '@google-cloud/datastore';
import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { LockerModule, lockerConfig } from 'nestjs-datastore-locker';
import { LockerConsoleModule } from 'nestjs-datastore-locker/console';
import { forStaff } from '../../staff/console.js';
import { JobStatus } from './job-status.js';
import { JobController } from './job.controller.js';
import { JobsController } from './jobs.controller.js';
import { mapperConfig } from './mapper.config.js';
import { NamespaceController } from './namespace.controller.js';
import { Readings } from './readings.js';
import { ShardController } from './shard.controller.js';
import { shownOf } from './shown.js';

@Module({
  imports: [
    LockerModule.forRootAsync(lockerConfig.asProvider()),
    LockerConsoleModule.forRoot({ ...forStaff, properties: shownOf, refresh: '1s' }),
    ConfigModule.forFeature(mapperConfig),
  ],
  controllers: [JobsController, JobController, NamespaceController, ShardController],
  providers: [JobStatus, Readings, { provide: Datastore, useFactory: () => new Datastore() }],
})
export class MapperModule {}
