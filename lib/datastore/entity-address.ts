import type { KeyProto } from '../google/datastore-api.js';

/** Where an entity is: a key, and whose database it is in. */
export interface EntityAddress {
  readonly projectId: string;
  /** Empty: the default database. */
  readonly databaseId: string;
  readonly key: KeyProto;
}
