import type { DatastoreApi } from '../google/datastore-api.js';

/** One database, and how to reach it. */
export interface Database {
  readonly api: DatastoreApi;
  readonly projectId: string;
  /** Empty: the default database. */
  readonly databaseId: string;
  /** Begin with the first read, which saves a call; false begins explicitly. */
  readonly beginOnRead: boolean;
}
