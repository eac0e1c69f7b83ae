import type { Micros } from '../time.js';
import type { ReadTarget } from './read-target.js';

/** An open transaction. */
export interface Transaction {
  readonly id: Buffer;
  readonly readOnly: boolean;
  readonly projectId: string;
  readonly databaseId: string;
  /** What it has read, in read-write transactions. */
  readonly reads: ReadTarget[];
  /** The moment of its first read; all its reads see the state of that moment. Unset where locks do that work. */
  snapshot?: Micros;
}
