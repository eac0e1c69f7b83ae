import { Status } from '../../google/status.js';
import { RpcError } from '../rpc-error.js';

/**
 * The service's refusals, with the texts that were recorded from the real one: conformance/golden of
 * https://github.com/aertje/cloud-tasks-emulator, recorded in 2026.
 */
export const refusal = {
  invalid: (text: string) => new RpcError(Status.INVALID_ARGUMENT, text),

  noEntity: () => new RpcError(Status.NOT_FOUND, 'Requested entity was not found.'),

  taskGone: () =>
    new RpcError(
      Status.NOT_FOUND,
      'The task no longer exists, though a task with this name existed recently. ' +
        'The task either successfully completed or was deleted.',
    ),

  taskExists: () => new RpcError(Status.ALREADY_EXISTS, 'Requested entity already exists'),

  noQueue: () =>
    new RpcError(
      Status.NOT_FOUND,
      'Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.',
    ),

  queueExists: () => new RpcError(Status.ALREADY_EXISTS, 'Queue already exists'),

  queueTooRecent: () =>
    new RpcError(
      Status.FAILED_PRECONDITION,
      'The queue cannot be created because a queue with this name existed too recently.',
    ),

  noPermission: (resource: string) =>
    new RpcError(
      Status.PERMISSION_DENIED,
      `Permission denied on resource project ${resource.replace(/^projects\//, '')}.`,
    ),

  unimplemented: (what: string) =>
    new RpcError(Status.UNIMPLEMENTED, `The emulator does not implement ${what}.`),
};
