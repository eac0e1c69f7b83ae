import { keyText } from '../datastore/keys.js';
import type { DeliveryFacts, Part } from '../system/telemetry.js';
import type { TaskDefinition } from '../tasks/task-directory.js';
import type { TaskRequest } from '../tasks/task-request.js';

/** One delivery of a task. */
interface Arrived {
  readonly definition: TaskDefinition;
  readonly request: TaskRequest;
}

/** What is told of a delivery that arrived at `now`, milliseconds since the epoch. */
export function factsOf({ definition, request }: Arrived, now: number): DeliveryFacts {
  const { key, queue, run, step, eta, createdBy } = request;
  return {
    key: keyText(key),
    kind: definition.entity.kind,
    namespace: key.partitionId?.namespaceId ?? '',
    task: definition.name,
    queue,
    run,
    step,
    queueDelayMs: eta === undefined ? undefined : Math.max(0, now - eta),
    createdBy,
  };
}

/** A part of what is done for a task. */
export function partOf({ name: task, entity }: TaskDefinition, name: Part['name']): Part {
  return { name, task, kind: entity.kind };
}
