import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { column, type Row } from './columns.js';
import type { TaskResource } from './resources.js';

/** A task in the queue. */
export interface StoredTask {
  /** Tells it from an earlier task of the same name. */
  readonly id: number;
  readonly name: string;
  readonly queue: string;
  /** When its next attempt is due, in milliseconds since the epoch; undefined while an attempt is under way. */
  readonly due: number | undefined;
  /** For the header TaskExecutionCount. */
  readonly executions: number;
  /** For the header TaskPreviousResponse. */
  readonly previousResponse: number | undefined;
  readonly task: TaskResource;
}

/** A task about to be stored. */
export type NewTask = Pick<StoredTask, 'name' | 'queue' | 'task'> & {
  due: number;
  created: number;
};

const COLUMNS = 'id, name, queue, due, executions, previous_response, message';

/** The tasks of all queues, on disk. */
export class TaskStore {
  private readonly statements: Record<
    | 'insert'
    | 'update'
    | 'remove'
    | 'removeAll'
    | 'find'
    | 'next'
    | 'due'
    | 'stranded'
    | 'aged'
    | 'page',
    StatementSync
  >;

  constructor(
    database: DatabaseSync,
    private readonly message: MessageTypeDefinition<TaskResource, TaskResource>,
  ) {
    const all = `SELECT ${COLUMNS} FROM tasks_tasks`;
    this.statements = {
      insert: database.prepare(
        'INSERT INTO tasks_tasks (name, queue, due, created, message) VALUES (?, ?, ?, ?, ?)',
      ),
      update: database.prepare(
        'UPDATE tasks_tasks SET due = ?, executions = ?, previous_response = ?, message = ? WHERE id = ?',
      ),
      remove: database.prepare('DELETE FROM tasks_tasks WHERE id = ?'),
      removeAll: database.prepare('DELETE FROM tasks_tasks WHERE queue = ?'),
      find: database.prepare(`${all} WHERE name = ?`),
      next: database.prepare(`${all} WHERE queue = ? AND due <= ? ORDER BY due, id LIMIT 1`),
      due: database.prepare('SELECT MIN(due) AS due FROM tasks_tasks WHERE queue = ?'),
      stranded: database.prepare(`${all} WHERE due IS NULL ORDER BY id`),
      aged: database.prepare(`${all} WHERE created <= ? ORDER BY created`),
      page: database.prepare(`${all} WHERE queue = ? AND name > ? ORDER BY name LIMIT ?`),
    };
  }

  add(task: NewTask): void {
    const message = this.message.serialize(task.task);
    this.statements.insert.run(task.name, task.queue, task.due, task.created, message);
  }

  /** How many bytes the task takes as Google stores it. */
  sizeOf(task: TaskResource): number {
    return this.message.serialize(task).length;
  }

  /** Overwrites the state of a task that is still there. */
  update(stored: StoredTask): void {
    const { due, executions, previousResponse, task, id } = stored;
    const message = this.message.serialize(task);
    this.statements.update.run(due ?? null, executions, previousResponse ?? null, message, id);
  }

  remove(id: number): void {
    this.statements.remove.run(id);
  }

  removeAll(queue: string): void {
    this.statements.removeAll.run(queue);
  }

  find(name: string): StoredTask | undefined {
    return this.one(this.statements.find.get(name));
  }

  /** The task of a queue that has been due longest. */
  nextDue(queue: string, now: number): StoredTask | undefined {
    return this.one(this.statements.next.get(queue, now));
  }

  /** When the first waiting task of a queue is due, in milliseconds since the epoch; undefined if none waits. */
  firstDue(queue: string): number | undefined {
    const row = this.statements.due.get(queue);
    return row && column.optionalNumber(row, 'due');
  }

  /** Those whose attempt was under way when the process ended. */
  stranded(): StoredTask[] {
    return this.statements.stranded.all().map((row) => this.read(row));
  }

  createdUntil(moment: number): StoredTask[] {
    return this.statements.aged.all(moment).map((row) => this.read(row));
  }

  /** Tasks of a queue by name, after that name. */
  page(queue: string, after: string, limit: number): StoredTask[] {
    return this.statements.page.all(queue, after, limit).map((row) => this.read(row));
  }

  private one(row: Row | undefined): StoredTask | undefined {
    return row && this.read(row);
  }

  private read(row: Row): StoredTask {
    return {
      id: column.number(row, 'id'),
      name: column.text(row, 'name'),
      queue: column.text(row, 'queue'),
      due: column.optionalNumber(row, 'due'),
      executions: column.number(row, 'executions'),
      previousResponse: column.optionalNumber(row, 'previous_response'),
      task: this.message.deserialize(column.bytes(row, 'message')),
    };
  }
}
