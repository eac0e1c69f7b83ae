import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** The names of what is gone and may not be used again yet: of tasks and of queues. */
export class Tombstones {
  private readonly put: StatementSync;
  private readonly putAll: StatementSync;
  private readonly get: StatementSync;
  private readonly prune: StatementSync;

  constructor(database: DatabaseSync) {
    this.put = database.prepare('INSERT OR REPLACE INTO tasks_tombstones VALUES (?, ?)');
    this.putAll = database.prepare(
      'INSERT OR REPLACE INTO tasks_tombstones SELECT name, ? FROM tasks_tasks WHERE queue = ?',
    );
    this.get = database.prepare('SELECT 1 FROM tasks_tombstones WHERE name = ? AND until > ?');
    this.prune = database.prepare('DELETE FROM tasks_tombstones WHERE until <= ?');
  }

  /** Blocks a name until that moment, in milliseconds since the epoch. */
  set(name: string, until: number): void {
    this.put.run(name, until);
  }

  /** Blocks the names of all tasks of a queue. */
  setForTasksOf(queue: string, until: number): void {
    this.putAll.run(until, queue);
  }

  has(name: string, now: number): boolean {
    return this.get.get(name, now) !== undefined;
  }

  /** Forgets those that have run out. */
  expire(now: number): void {
    this.prune.run(now);
  }
}
