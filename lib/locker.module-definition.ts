import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { LockerModuleOptions } from './locker.options.js';

export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: LOCKER_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<LockerModuleOptions>({ moduleName: 'Locker' })
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();
