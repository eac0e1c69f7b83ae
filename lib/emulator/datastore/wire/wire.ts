import type { MessageTypeDefinition } from '@grpc/proto-loader';
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
   * A request as the service would decode it: a copy, with all defaults, whatever shape the caller used.
   *
   * Throws INVALID_ARGUMENT for what cannot be encoded.
   */
  request<Name extends keyof Requests>(name: Name, request: object): Requests[Name] {
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

  decodeEntity(bytes: Uint8Array): Entity {
    return this.#entity.deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}
