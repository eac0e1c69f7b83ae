import protos from '@google-cloud/datastore-api/build/protos/protos.js';
import recorded from './fixtures/left-by-go.json' with { type: 'json' };

/** What the Go application had stored and queued when it was stopped, byte for byte. */
export interface LeftByGo {
  readonly name: string;
  /** The entity, a `google.datastore.v1.Entity`. */
  readonly entity: Uint8Array;
  readonly tasks: readonly GoTask[];
}

/** A task that Go's `appengine/taskqueue` created. */
export interface GoTask {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The project whose name is in those bytes: in the keys of entities and in the headers of tasks. */
export const goProject = 'from-go-sample';

export const { Entity } = protos.google.datastore.v1;

/** Reads the bytes. */
export function leftByGo(): LeftByGo[] {
  return recorded.map(({ name, entity, tasks }) => ({
    name,
    entity: Buffer.from(entity, 'base64'),
    tasks: tasks.map((task) => ({ ...task, body: Buffer.from(task.body, 'base64') })),
  }));
}
