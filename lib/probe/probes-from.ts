import type { LoggingApi } from '../google/logging-api.js';
import type { TasksApi } from '../google/tasks-api.js';
import type { ProbeName } from '../locker.options.js';
import type { Clock } from '../system/clock.js';
import { CallBudget } from './call-budget.js';
import { deliveryProbe } from './delivery-probe.js';
import { instanceProbe, type OwnLeases } from './instance-probe.js';
import { loggingProbe } from './logging-probe.js';
import type { Probe } from './probe.js';
import { taskProbe } from './task-probe.js';

/** What probes look at. */
export interface Sources {
  readonly own: OwnLeases;
  readonly tasks: Pick<TasksApi, 'getTask'>;
  readonly logging: LoggingApi | undefined;
  readonly clock: Clock;
}

/** Which probes there are to be, and where the holders' tasks and logs are. */
export interface ProbeSettings {
  readonly probes: readonly (ProbeName | Probe)[];
  readonly projectId: string;
  readonly location: string;
}

/** The probes that the options name, in their order. */
export function probesFrom(settings: ProbeSettings, sources: Sources): readonly Probe[] {
  return settings.probes.flatMap((probe) =>
    typeof probe === 'object' ? probe : named(probe, settings, sources),
  );
}

function named(
  name: ProbeName,
  settings: ProbeSettings,
  { own, tasks, logging, clock }: Sources,
): Probe | [] {
  switch (name) {
    case 'instance':
      return instanceProbe(own);
    case 'delivery':
      return deliveryProbe;
    case 'task':
      return taskProbe(tasks, settings);
    case 'logging':
      return logging ? loggingProbe(logging, settings.projectId, new CallBudget(clock)) : [];
  }
}
