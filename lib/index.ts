export type { Alert, Alerter, AlertOptions, AlertType } from './alert/alert.js';
export { Lease, type NextOptions, type Scheduled } from './delivery/lease.js';
export type { EntityClass, LockedEntity } from './entity/entity-class.js';
export type { EntityKey } from './entity/entity-classes.js';
export { Lockable } from './entity/lockable.js';
export { Property, Unindexed } from './entity/property.decorators.js';
export { LockedTask } from './locked-task/locked-task.decorator.js';
export type { LockedTaskOptions } from './locked-task/locked-task.metadata.js';
export { PermanentTaskError, RetryTaskError } from './locked-task.errors.js';
export type { ArrivalTag } from './lock/arrive.js';
export type { HistoryEntry } from './lock/history.js';
export {
  Lock,
  type Holder,
  type LockFields,
  type LockState,
  type StoredTask,
} from './lock/lock.js';
export { lockerConfig } from './locker.config.js';
export * from './locker.errors.js';
export type { Realm } from './locker.js';
export { LockerModule } from './locker.module.js';
export type { GuardMode, LockerModuleOptions, ProbeName } from './locker.options.js';
export {
  LockerService,
  type AdoptOptions,
  type KeyOptions,
  type RecoverOptions,
  type ScheduleEntry,
} from './locker.service.js';
export type { Finding, Probe, Question } from './probe/probe.js';
export type { LockerTransaction } from './run/locker-transaction.js';
export type { ChainCounts, CountOptions } from './run/census.js';
export type { Operated } from './run/operator.js';
export type { ListOptions, ListState } from './run/list-options.js';
export type { ChainList, ChainView } from './run/overview.js';
export type { StartOptions } from './run/starter.js';
export type { TransactionWork } from './run/transactor.js';
export type { QueueCondition, Vitals } from './run/vitals.js';
export type { AdoptedTask, AdoptedTaskOf } from './sweep/adopter.js';
export type { AdoptionReport } from './sweep/adoption-report.js';
export type { SweepReport } from './sweep/sweep-report.js';
export type { Duration } from './system/duration.js';
export type {
  Attempt,
  DeliveryEnd,
  DeliveryFacts,
  Part,
  SweepEnd,
  Telemetry,
} from './system/telemetry.js';
export type { EntityAddress } from './datastore/entity-address.js';
export type { TaskOptions } from './tasks/plan-task.js';
export type { AppEngineTarget, HttpTarget, Target } from './tasks/target.js';
export { parseTaskRequest, type Headers, type TaskRequest } from './tasks/task-request.js';
