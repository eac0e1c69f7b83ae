import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { column } from './columns.js';
import type { QueueStore } from './queue-store.js';
import { refusal } from './refusals.js';
import type { PolicyRequest, SetPolicyRequest, TestPermissionsRequest } from './requests.js';
import type { PolicyProto } from './resources.js';

/** The methods of the service that are about access. Policies are kept and given back; nobody is kept out. */
export class PolicyMethods {
  private readonly read: StatementSync;
  private readonly write: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly message: MessageTypeDefinition<PolicyProto, PolicyProto>,
    private readonly queues: QueueStore,
  ) {
    this.read = database.prepare('SELECT message FROM tasks_policies WHERE resource = ?');
    this.write = database.prepare('INSERT OR REPLACE INTO tasks_policies VALUES (?, ?)');
  }

  get({ resource }: PolicyRequest): PolicyProto {
    this.check(resource);
    const row = this.read.get(resource);
    return this.message.deserialize(row ? column.bytes(row, 'message') : Buffer.alloc(0));
  }

  set({ resource, policy }: SetPolicyRequest): PolicyProto {
    this.check(resource);
    this.write.run(resource, this.message.serialize(policy ?? {}));
    return this.get({ resource });
  }

  /** Everyone has every permission; on a queue that is not there, none. */
  test({ resource, permissions }: TestPermissionsRequest): { permissions: string[] } {
    return { permissions: this.queues.get(resource) ? (permissions ?? []) : [] };
  }

  private check(resource: string): void {
    if (!this.queues.get(resource)) throw refusal.noEntity();
  }
}
