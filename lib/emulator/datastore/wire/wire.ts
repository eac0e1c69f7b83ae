import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { isDecoded } from '../../decoded.js';
import type { Protos } from '../../protos.js';
import { invalidArgument } from '../refusals.js';
import { leanEntity } from './lean.js';
import type { Entity } from './entity-messages.js';
import type { Requests } from './requests.js';

const PACKAGE = 'google.datastore.v1';

/** Turns what callers send into decoded messages, and entities into the bytes that are stored. */
export class Wire {
  readonly #entity: MessageTypeDefinition<object, Entity>;

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
    return this.#entity.serialize(leanEntity(entity));
  }

  /** Blobs are parts of what they are decoded from: a copy, so that whoever gets them may do with them as they like. */
  decodeEntity(bytes: Uint8Array): Entity {
    return this.#entity.deserialize(Buffer.from(bytes));
  }
}
