import type { EntityClass } from '../entity/entity-class.js';
import type { Terms } from '../lock/terms.js';

/** A declared task: its name, where its handler is reached, and the rules its leases go by. */
export interface TaskDefinition {
  readonly name: string;
  /** The path of its route, such as `/tasks/charge`. */
  readonly path: string;
  readonly entity: EntityClass;
  readonly terms: Terms;
}

/** The declared tasks, by name; an alias finds its successor. */
export interface TaskDirectory {
  find(name: string): TaskDefinition | undefined;

  /** The class of entities of a kind, if some task takes them. */
  entityOf(kind: string): EntityClass | undefined;

  /** The kinds that tasks take, each once. */
  readonly kinds: readonly string[];
}
