import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { column } from './columns.js';
import type { QueueResource } from './resources.js';

/** The queues and their settings: on disk, and in memory for reading. */
export class QueueStore {
  private readonly queues = new Map<string, QueueResource>();
  private readonly insert: StatementSync;
  private readonly delete: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly message: MessageTypeDefinition<QueueResource, QueueResource>,
  ) {
    this.insert = database.prepare('INSERT OR REPLACE INTO tasks_queues VALUES (?, ?)');
    this.delete = database.prepare('DELETE FROM tasks_queues WHERE name = ?');
    for (const row of database.prepare('SELECT name, message FROM tasks_queues').all()) {
      this.queues.set(column.text(row, 'name'), message.deserialize(column.bytes(row, 'message')));
    }
  }

  get(name: string): QueueResource | undefined {
    return this.queues.get(name);
  }

  /** The names of those that dispatch. */
  get running(): string[] {
    return [...this.queues].filter(([, { state }]) => state === 'RUNNING').map(([name]) => name);
  }

  /** Creates or replaces a queue; answers with it as Google's client would decode it. */
  put(name: string, queue: QueueResource): QueueResource {
    const bytes = this.message.serialize({ ...queue, name });
    this.insert.run(name, bytes);
    const stored = this.message.deserialize(bytes);
    this.queues.set(name, stored);
    return stored;
  }

  remove(name: string): void {
    this.delete.run(name);
    this.queues.delete(name);
  }

  /** The queues of a location, by name. */
  within(location: string): QueueResource[] {
    return [...this.queues]
      .filter(([name]) => name.startsWith(`${location}/queues/`))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, queue]) => queue);
  }
}
