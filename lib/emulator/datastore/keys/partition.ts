import { invalidArgument } from '../refusals.js';
import type { PartitionId } from '../wire/entity-messages.js';
import type { DatabaseRequest } from '../wire/requests.js';
import { isReserved } from './reserved.js';

const DIMENSION = /^[A-Za-z\d.\-_]{0,100}$/;
const PROJECT = /^(?:[A-Za-z\d.\-_]{1,63}:)?[A-Za-z\d.\-_]{1,100}$/;

/** Throws INVALID_ARGUMENT for a request that names no usable project or database. */
export function checkDatabase({ projectId, databaseId }: DatabaseRequest): void {
  if (projectId === '') throw invalidArgument('The project id is the empty string.');
  if (!PROJECT.test(projectId))
    throw invalidArgument(`Illegal string "${projectId}" in project id.`);
  if (databaseId === '(default)' || !DIMENSION.test(databaseId)) {
    throw invalidArgument(`"${databaseId}" is an invalid database id.`);
  }
}

/**
 * The partition with what it leaves open taken from the request, as the service normalizes it.
 *
 * Throws INVALID_ARGUMENT where it names another project or database than the request.
 */
export function partitionOf(given: PartitionId | null, request: DatabaseRequest): PartitionId {
  const projectId = given?.projectId || request.projectId;
  const databaseId = given?.databaseId || request.databaseId;
  const namespaceId = given?.namespaceId ?? '';
  if (projectId !== request.projectId || databaseId !== request.databaseId) {
    const asked = describeDatabase(request);
    const named = describeDatabase({ projectId, databaseId });
    throw invalidArgument(`mismatched databases within request: ${asked} vs. ${named}`);
  }
  if (!DIMENSION.test(namespaceId)) {
    throw invalidArgument(`Illegal string "${namespaceId}" in namespace id.`);
  }
  return { projectId, databaseId, namespaceId };
}

export function refuseReservedNamespace({ namespaceId }: PartitionId): void {
  if (isReserved(namespaceId)) {
    throw invalidArgument(`The namespace id "${namespaceId}" is reserved.`);
  }
}

function describeDatabase({ projectId, databaseId }: DatabaseRequest): string {
  return databaseId === '' ? projectId : `${projectId}#${databaseId}`;
}

/** The database that a key names, which for keys as values may be a foreign one; by default that of the request. */
export function databaseOf(
  { partitionId }: { partitionId: PartitionId | null },
  request: DatabaseRequest,
): DatabaseRequest {
  return {
    projectId: partitionId?.projectId || request.projectId,
    databaseId: partitionId?.databaseId || request.databaseId,
  };
}
