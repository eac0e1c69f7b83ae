import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** The names of what is gone and may not be used again yet: of tasks and of queues. */
export class Tombstones {
  private readonly put: StatementSync;
  private readonly get: StatementSync;
  private readonly prune: StatementSync;

  constructor(database: DatabaseSync) {
    this.put = database.prepare('INSERT OR REPLACE INTO tasks_tombstones VALUES (?, ?)');
    this.get = database.prepare('SELECT 1 FROM tasks_tombstones WHERE name = ? AND until > ?');
    this.prune = database.prepare('DELETE FROM tasks_tombstones WHERE until <= ?');
  }

  /** Blocks a name until that moment, in milliseconds since the epoch. */
  set(name: string, until: number): void {
    this.put.run(name, until);
  }

  has(name: string, now: number): boolean {
    return this.get.get(name, now) !== undefined;
  }

  /** Forgets those that have run out. */
  expire(now: number): void {
    this.prune.run(now);
  }
}
