import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Counters } from './counters.js';

const BITS = 52;

/**
 * Ids for incomplete keys: never the same twice, scattered like the real ones (a count with its bits in reverse
 * order), and small enough to be exact in a JavaScript number.
 */
export class Ids {
  readonly #reserve: StatementSync;
  readonly #isReserved: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly counters: Counters,
  ) {
    this.#reserve = database.prepare('INSERT OR IGNORE INTO datastore_reserved_ids VALUES (?)');
    this.#isReserved = database.prepare('SELECT 1 FROM datastore_reserved_ids WHERE id = ?');
  }

  /** An id that was neither given out nor reserved, and that `isTaken` does not refuse. */
  next(isTaken: (id: string) => boolean): string {
    for (;;) {
      const id = scattered(this.counters.next('ids'));
      if (!this.#isReserved.get(id) && !isTaken(String(id))) return String(id);
    }
  }

  reserve(id: string): void {
    this.#reserve.run(BigInt(id));
  }
}

function scattered(count: number): bigint {
  const bits = count.toString(2).padStart(BITS, '0').split('');
  return BigInt(`0b${bits.toReversed().join('')}`);
}
