import { KEY_PROPERTY } from '../storage/index-scope.js';
import type { Entity, Properties } from '../wire/entity-messages.js';
import type { PropertyMask } from '../wire/mutation-messages.js';
import { parsePath, type PropertyPath, valueAt, withValueAt } from './property-path.js';

/** Some of an entity's properties: those that a read is to return, or that a write is to touch. */
export class Mask {
  readonly #paths: readonly PropertyPath[];

  /** Throws INVALID_ARGUMENT for a path that cannot be read. */
  constructor(mask: PropertyMask) {
    const paths = mask.paths.map(parsePath);
    this.#paths = paths.filter(([name]) => name !== KEY_PROPERTY);
  }

  /** Only what is in the mask. */
  selectFrom({ key, properties }: Entity): Entity {
    return { key, properties: this.overlay({}, properties) };
  }

  /** `old`, with everything in the mask as it is in `fresh`: also absent, where it is absent there. */
  overlay(old: Properties, fresh: Properties): Properties {
    return this.#paths.reduce(
      (result, path) => withValueAt(result, path, valueAt(fresh, path)),
      old,
    );
  }
}
