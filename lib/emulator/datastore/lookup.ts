import { type KeyWithBytes, nameOfKey } from './keys/key-bytes.js';
import { completeKeyWithBytes } from './keys/key-rules.js';
import { Mask } from './properties/property-mask.js';
import { invalidArgument } from './refusals.js';
import type { View } from './storage/view.js';
import { toTimestamp } from './time.js';
import type { ReadTarget } from './transactions/read-target.js';
import type { Key } from './wire/entity-messages.js';
import type { LookupRequest } from './wire/requests.js';
import type { EntityResult, LookupResponse } from './wire/responses.js';
import type { Wire } from './wire/wire.js';

/** https://cloud.google.com/datastore/docs/concepts/limits */
const MAX_KEYS = 1000;

const NO_CURSOR = Buffer.alloc(0);

/** Entities asked for by key. */
export class Lookup {
  readonly target: ReadTarget;
  readonly #keys: ReadonlyMap<string, KeyWithBytes>;

  readonly #mask: Mask | undefined;

  /** Throws INVALID_ARGUMENT. */
  constructor(
    request: LookupRequest,
    private readonly wire: Wire,
  ) {
    if (request.keys.length > MAX_KEYS) {
      throw invalidArgument(`cannot get more than ${MAX_KEYS} keys in a single call`);
    }
    const keys = request.keys.map((key) => completeKeyWithBytes(key, request));
    this.#keys = new Map(keys.map((key) => [nameOfKey(key.bytes), key]));
    this.#mask = request.propertyMask ? new Mask(request.propertyMask) : undefined;
    this.target = { keys: new Set(this.#keys.keys()) };
  }

  response(view: View, transaction: Buffer): LookupResponse {
    const results = [...this.#keys.values()].map(({ key, bytes }) =>
      this.#result(key, bytes, view),
    );
    return {
      found: results.filter(({ updateTime }) => updateTime !== null),
      missing: results.filter(({ updateTime }) => updateTime === null),
      deferred: [],
      transaction,
      readTime: toTimestamp(view.readTime),
    };
  }

  #result(key: Key, bytes: Buffer, view: View): EntityResult {
    const stored = view.get(bytes);
    if (!stored) {
      const version = String(view.readTime);
      const entity = { key, properties: {} };
      return { entity, version, createTime: null, updateTime: null, cursor: NO_CURSOR };
    }
    return this.wire.storedResult(stored, NO_CURSOR, this.#mask);
  }
}
