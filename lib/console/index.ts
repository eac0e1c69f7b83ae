export type { ConsoleGuard, LockerConsoleOptions, ShownChain } from './console.options.js';
export { LockerConsoleModule } from './console.module.js';
export type { EmulatorHandle, EmulatorQueue, EmulatorTask } from './emulator-view.js';
