import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { LockerModule, lockerConfig } from 'nestjs-datastore-locker';
import { ChainController } from './chain.controller.js';
import { chaosConfig } from './chaos.config.js';
import { Effects } from './effects.js';
import { FamilyController } from './family.controller.js';

@Module({
  imports: [
    LockerModule.forRootAsync(lockerConfig.asProvider()),
    ConfigModule.forFeature(chaosConfig),
  ],
  controllers: [ChainController, FamilyController],
  providers: [Effects],
})
export class WorkerModule {}
