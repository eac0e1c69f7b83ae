import type {
  EntityProto,
  KeyProto,
  LookupResponse,
  ReadOptionsProto,
} from '../google/datastore-api.js';
import type { Database } from './database.js';
import { keyText } from './keys.js';
import { milliseconds } from './timestamp.js';

/** What one read found. */
export interface Found {
  /** In the order of the keys; undefined: there is none. */
  readonly entities: (EntityProto | undefined)[];
  /** The transaction that the read began, if it did. */
  readonly transaction: Uint8Array | string | undefined;
  /** By Datastore's clock, milliseconds since the epoch; undefined where it does not tell. */
  readonly readAt: number | undefined;
}

/** Reads entities by key, in as many calls as Datastore needs. */
export async function lookup(
  { api, projectId, databaseId }: Database,
  keys: readonly KeyProto[],
  readOptions: ReadOptionsProto,
): Promise<Found> {
  const found = new Map<string, EntityProto>();
  let options = readOptions;
  let transaction: Found['transaction'];
  let readAt: number | undefined;
  let remaining: KeyProto[] = [...keys];
  while (remaining.length > 0) {
    const answer: LookupResponse = await api.lookup({
      projectId,
      databaseId,
      keys: remaining,
      readOptions: options,
    });
    for (const { entity } of answer.found ?? [])
      if (entity) found.set(keyText(entity.key ?? {}), entity);
    if (answer.transaction?.length) {
      transaction = answer.transaction;
      options = { transaction };
    }
    if (answer.readTime) readAt ??= milliseconds(answer.readTime);
    remaining = answer.deferred ?? [];
  }
  return { entities: keys.map((key) => found.get(keyText(key))), transaction, readAt };
}
