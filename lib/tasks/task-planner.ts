import { keyText, kindOf } from '../datastore/keys.js';
import type { KeyProto } from '../google/datastore-api.js';
import type { PlannedTask } from '../lock/lock.js';
import { TaskRefusedError } from '../locker.errors.js';
import type { Clock } from '../system/clock.js';
import { planTask, type TaskOptions } from './plan-task.js';
import type { TaskDirectory } from './task-directory.js';

/** Turns what a caller asks for into the task that is stored, or refuses it. */
export class TaskPlanner {
  constructor(
    private readonly directory: TaskDirectory,
    private readonly defaultQueue: string,
    private readonly clock: Clock,
  ) {}

  /** @throws TaskRefusedError when there is no such task for such an entity, or an option is wrong */
  plan(key: KeyProto, name: string, options: TaskOptions, inheritedQueue?: string): PlannedTask {
    const definition = this.directory.find(name);
    if (!definition)
      throw new TaskRefusedError(
        `Task "${name}" was not scheduled for ${keyText(key)}: no @LockedTask('${name}', …) is declared.`,
      );
    if (definition.entity.kind !== kindOf(key))
      throw new TaskRefusedError(
        `Task "${name}" was not scheduled for ${keyText(key)}: its handler takes entities of kind ${definition.entity.kind}.`,
      );
    return planTask(
      definition.name,
      options,
      inheritedQueue || this.defaultQueue,
      this.clock.now(),
    );
  }
}
