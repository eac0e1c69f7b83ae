import type { EntityClass } from '../entity/entity-class.js';
import { Lock } from '../lock/lock.js';
import { DeclarationError, OptionError } from '../locker.errors.js';
import type { TaskDefinition, TaskDirectory } from '../tasks/task-directory.js';

/** A task as the explorer found it. */
export interface FoundTask {
  readonly definition: TaskDefinition;
  /** The method that handles it. */
  readonly handler: object;
  /** Class and method, for messages. */
  readonly place: string;
}

/** The tasks of an application, checked. They are looked for when first needed, after routes have their final paths. */
export class TaskRegistry implements TaskDirectory {
  private found: readonly FoundTask[] | undefined;

  constructor(
    private readonly explore: () => readonly FoundTask[],
    private readonly aliases: Readonly<Record<string, string>>,
  ) {}

  find(name: string): TaskDefinition | undefined {
    const current = this.aliases[name] ?? name;
    return this.tasks.find(({ definition }) => definition.name === current)?.definition;
  }

  /** The task that a route's method handles. */
  definitionOf(handler: object): TaskDefinition {
    const task = this.tasks.find((candidate) => candidate.handler === handler);
    if (!task)
      throw new DeclarationError('A @LockedTask is handled by a method that was not explored.');
    return task.definition;
  }

  entityOf(kind: string): EntityClass | undefined {
    return this.tasks.find(({ definition }) => definition.entity.kind === kind)?.definition.entity;
  }

  get kinds(): readonly string[] {
    return [...new Set(this.tasks.map(({ definition }) => definition.entity.kind))];
  }

  /**
   * The tasks, found and checked.
   *
   * @throws DeclarationError naming class and method
   * @throws OptionError for an alias of no task
   */
  get tasks(): readonly FoundTask[] {
    return (this.found ??= this.checked(this.explore()));
  }

  private checked(tasks: readonly FoundTask[]): readonly FoundTask[] {
    const places = new Map<string, string>();
    for (const { definition, place } of tasks) {
      const { name, entity } = definition;
      if (!/^[\w.-]{1,200}$/.test(name))
        throw new DeclarationError(
          `${place}: "${name}" is no task name; expected letters, digits, ".", "_" and "-".`,
        );
      const other = places.get(name);
      if (other)
        throw new DeclarationError(
          `${place} and ${other} both handle "${name}"; task names are global, so name it like "order.${name}".`,
        );
      places.set(name, place);
      checkEntity(entity, place);
    }
    for (const [alias, name] of Object.entries(this.aliases))
      if (!places.has(name))
        throw new OptionError(
          `LockerModule: option "aliases" leads "${alias}" to "${name}", which no @LockedTask is called.`,
        );
    return tasks;
  }
}

function checkEntity(entity: EntityClass, place: string): void {
  if (typeof entity.kind !== 'string' || entity.kind === '')
    throw new DeclarationError(
      `${place}: ${entity.name} has no kind; add "static readonly kind = '${entity.name}'".`,
    );
  if (!(new entity().lock instanceof Lock))
    throw new DeclarationError(
      `${place}: ${entity.name} has no lock; let it extend Lockable, or add "lock = new Lock()".`,
    );
}
