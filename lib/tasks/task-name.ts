import { createHash } from 'node:crypto';
import { keyText } from '../datastore/keys.js';
import type { Lock } from '../lock/lock.js';
import type { EntityAddress } from '../datastore/entity-address.js';

/**
 * The name of a step's task, the same for the same dispatch and for no other, so that repeats collapse. Hashed,
 * because sequential names slow a queue down: https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2
 */
export function taskName({ projectId, databaseId, key }: EntityAddress, lock: Lock): string {
  const { run, step, number } = lock;
  return createHash('sha256')
    .update(JSON.stringify([projectId, databaseId, keyText(key), run, step, number]))
    .digest('hex');
}
