import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { isDecoded } from '../../decoded.js';
import type { Protos } from '../../protos.js';
import type { Mask } from '../properties/property-mask.js';
import { invalidArgument } from '../refusals.js';
import { encodeEntity } from './encode-entity.js';
import type { Entity } from './entity-messages.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import type { Requests } from './requests.js';
import type { EntityResult } from './responses.js';
import { StoredResult } from './stored-result.js';

const PACKAGE = 'google.datastore.v1';

/** Turns what callers send into decoded messages, and entities into the bytes that are stored. */
export class Wire {
  readonly #entity: MessageTypeDefinition<object, Entity>;
  readonly #decode = (bytes: Buffer) => this.decodeEntity(bytes);

  constructor(private readonly protos: Protos) {
    this.#entity = protos.message<Entity, object>(`${PACKAGE}.Entity`);
  }

  /**
   * A request as the service would decode it: with all defaults, whatever shape the caller used; a copy, unless it was
   * decoded for this call.
   *
   * Throws INVALID_ARGUMENT for what cannot be encoded.
   */
  request<Name extends keyof Requests>(name: Name, request: object): Requests[Name] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the same proto
    if (isDecoded(request)) return request as Requests[Name];
    const message = this.protos.message<Requests[Name], object>(`${PACKAGE}.${name}`);
    try {
      return message.deserialize(message.serialize(request));
    } catch (cause) {
      throw invalidArgument(cause instanceof Error ? cause.message : String(cause));
    }
  }

  encodeEntity(entity: Entity): Buffer {
    return encodeEntity(entity);
  }

  /** What is stored, or as much of it as the mask selects, as a result. */
  storedResult(stored: StoredEntity, cursor: Buffer, mask?: Mask): EntityResult {
    const result = new StoredResult(stored, cursor, this.#decode);
    if (mask) result.entity = mask.selectFrom(result.entity);
    return result;
  }

  /** Blobs are parts of what they are decoded from: a copy, so that whoever gets them may do with them as they like. */
  decodeEntity(bytes: Uint8Array): Entity {
    return this.#entity.deserialize(Buffer.from(bytes));
  }
}
