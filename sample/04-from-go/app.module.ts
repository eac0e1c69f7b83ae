import { Module } from '@nestjs/common';
import { LockerModule, lockerConfig } from 'nestjs-datastore-locker';
import { ImportController } from './import.controller.js';

@Module({
  imports: [LockerModule.forRootAsync(lockerConfig.asProvider())],
  controllers: [ImportController],
})
export class AppModule {}
