export { ChainExpectation } from './chain-expectation.js';
export { LockerTesting, type LockerTestingOptions } from './locker-testing.js';
export { LockerTestingModule } from './locker-testing.module.js';
export type { QueuedTask } from './queued-task.js';
export { TestClock } from './test-clock.js';
export {
  TestTasks,
  type DeliverOptions,
  type DeliveryAnswer,
  type DrainLimits,
} from './test-tasks.js';
