/** Which chains are listed. */
export interface ListOptions {
  readonly kind: string;
  /**
   * `failed`: until they are retried or run anew. `owing`: all that owe anything, a failed run its alert too; `overdue`,
   * `ready`, `waiting` and `held` are some of those. `any`: whatever is stored, in the order of keys.
   */
  readonly state: ListState;
  /** Default: the default namespace. */
  readonly namespace?: string;
  /** Only keys whose last name begins so, of entities without ancestors. Only with `any`. Default: all. */
  readonly prefix?: string;
  /** How many at most. Default: 50. */
  readonly limit?: number;
  /** Where an earlier list ended. Default: the beginning. */
  readonly cursor?: string;
  /** How many entities are read at most; the list may be shorter then, and go on. Default: as many as it takes. */
  readonly reads?: number;
}

/** What chains can be listed by. */
export type ListState = 'failed' | 'overdue' | 'ready' | 'waiting' | 'held' | 'owing' | 'any';
