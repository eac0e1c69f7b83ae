import type { Alerts } from '../alert/alerts.js';
import { keyText, kindOf } from '../datastore/keys.js';
import type { DeliveredTask } from '../delivery/acquirer.js';
import type { Answer } from '../delivery/answer.js';
import type { Arrival } from '../delivery/runner.js';
import { LockerError, UnreadableTaskError } from '../locker.errors.js';
import type { TaskDefinition } from '../tasks/task-directory.js';
import { namesQueue, parseTaskRequest, type TaskRequest } from '../tasks/task-request.js';
import type { TaskHttpRequest } from './leased-request.js';
import type { TaskRegistry } from './task-registry.js';

/** Whose entities this application locks. */
export interface Realm {
  readonly projectId: string;
  readonly databaseId: string;
  readonly namespaces: readonly string[];
}

/** Reads what a request delivers, before anything is asked of Datastore. */
export class ArrivalReader {
  constructor(
    private readonly registry: TaskRegistry,
    private readonly alerts: Alerts,
    private readonly realm: Realm,
  ) {}

  /**
   * A delivery for the handler, or the answer to a request that is none. What a queue sent and nobody can read is
   * dropped and alerted: the queue would send it for a month.
   */
  async read({ headers, body }: TaskHttpRequest, handler: object): Promise<Arrival | Answer> {
    const definition = this.registry.definitionOf(handler);
    if (!namesQueue(headers))
      return { status: 400, outcome: 'refused', reason: 'Only a queue of Cloud Tasks calls this.' };
    try {
      const request = parseTaskRequest(headers);
      this.check(request, definition);
      return { definition, request, delivered: delivered(headers['content-type'], body) };
    } catch (error) {
      if (!(error instanceof LockerError)) throw error;
      const task = String(headers['x-cloudtasks-taskname'] ?? headers['x-appengine-taskname']);
      await this.alerts.unreadable(
        `A task of "${definition.name}" was dropped. ${error.message}`,
        task,
      );
      return { status: 200, outcome: 'unreadable', reason: error.message };
    }
  }

  private check(
    { projectId, databaseId, key }: TaskRequest,
    { name, entity }: TaskDefinition,
  ): void {
    const refuse = (what: string, expected: string) =>
      new UnreadableTaskError(
        `The task for ${keyText(key)} is not this application's: its ${what}, but "${name}" takes ${expected}.`,
      );
    if (projectId !== this.realm.projectId)
      throw refuse(`project is "${projectId}"`, `"${this.realm.projectId}"`);
    if (databaseId !== this.realm.databaseId)
      throw refuse(`database is "${databaseId}"`, `"${this.realm.databaseId}"`);
    const namespace = key.partitionId?.namespaceId ?? '';
    if (!this.realm.namespaces.includes(namespace))
      throw refuse(`namespace is "${namespace}"`, `those of the option namespaces`);
    if (kindOf(key) !== entity.kind) throw refuse(`kind is "${kindOf(key)}"`, `"${entity.kind}"`);
  }
}

/** The body as it came, for locks of the Go library, which do not keep it. */
function delivered(type: unknown, body: unknown): DeliveredTask {
  if (typeof body !== 'object' || body === null) return {};
  const isForm = String(type).startsWith('application/x-www-form-urlencoded');
  if (!isForm) return { body: JSON.stringify(body) };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) form.append(name, String(value));
  return { body: form.toString(), type: 'application/x-www-form-urlencoded' };
}
