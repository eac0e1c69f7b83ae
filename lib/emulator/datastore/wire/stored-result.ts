import type { StoredEntity } from '../storage/stored-entity.js';
import { toTimestamp } from '../time.js';
import type { Entity, Timestamp } from './entity-messages.js';
import type { EntityResult } from './responses.js';

/** An entity as it is stored: over the wire it goes as it is, and it is decoded only when somebody looks at it. */
export class StoredResult implements EntityResult {
  /** A property of each result, as if the entity were there. */
  static readonly #entity = {
    configurable: true,
    enumerable: true,
    get(this: StoredResult): Entity {
      return this.#look();
    },
  };

  declare entity: Entity;
  readonly version: string;
  readonly createTime: Timestamp;
  readonly updateTime: Timestamp;
  readonly cursor: Buffer;
  #bytes: Buffer | undefined;
  readonly #decode: (bytes: Buffer) => Entity;

  constructor(
    { version, created, bytes }: StoredEntity,
    cursor: Buffer,
    decode: (bytes: Buffer) => Entity,
  ) {
    Object.defineProperty(this, 'entity', StoredResult.#entity);
    this.version = String(version);
    this.createTime = toTimestamp(created);
    this.updateTime = toTimestamp(version);
    this.cursor = cursor;
    this.#bytes = bytes;
    this.#decode = decode;
  }

  /** Undefined for other results, and for one that somebody has looked at, who may have changed it. */
  static bytesOf(result: EntityResult): Buffer | undefined {
    return #bytes in result ? result.#bytes : undefined;
  }

  #look(): Entity {
    const value = this.#decode(this.#bytes ?? Buffer.alloc(0));
    this.#bytes = undefined;
    Object.defineProperty(this, 'entity', { value, writable: true });
    return value;
  }
}
