import { encodeEntity, writeKey, writeTimestamp, writeValue } from './encode-entity.js';
import type { Timestamp } from './entity-messages.js';
import { MessageWriter } from './message-writer.js';
import type {
  CommitResponse,
  EntityResult,
  LookupResponse,
  MutationResult,
  QueryResultBatch,
  RunQueryResponse,
} from './responses.js';
import { StoredResult } from './stored-result.js';

const resultTypes = { FULL: 1, PROJECTION: 2, KEY_ONLY: 3 };

const moreResultsTypes = {
  NOT_FINISHED: 1,
  MORE_RESULTS_AFTER_LIMIT: 2,
  NO_MORE_RESULTS: 3,
  MORE_RESULTS_AFTER_CURSOR: 4,
};

/** As google.datastore.v1 describes it, with what is stored as it is. */
export function encodeLookupResponse(response: LookupResponse): Buffer {
  const to = new MessageWriter();
  writeTime(to, 7, response.readTime);
  to.bytes(5, response.transaction);
  for (const key of response.deferred.toReversed()) to.message(3, () => writeKey(to, key));
  for (const result of response.missing.toReversed()) writeResult(to, 2, result);
  for (const result of response.found.toReversed()) writeResult(to, 1, result);
  return to.finish();
}

export function encodeRunQueryResponse({ batch, transaction }: RunQueryResponse): Buffer {
  const to = new MessageWriter();
  to.bytes(5, transaction);
  to.message(1, () => writeBatch(to, batch));
  return to.finish();
}

export function encodeCommitResponse(response: CommitResponse): Buffer {
  const to = new MessageWriter();
  writeTime(to, 8, response.commitTime);
  to.uint(4, response.indexUpdates);
  for (const result of response.mutationResults.toReversed())
    to.message(3, () => writeMutationResult(to, result));
  return to.finish();
}

function writeBatch(to: MessageWriter, batch: QueryResultBatch): void {
  writeTime(to, 8, batch.readTime);
  to.int64(7, batch.snapshotVersion);
  to.uint(6, batch.skippedResults);
  to.uint(5, moreResultsTypes[batch.moreResults]);
  to.bytes(4, batch.endCursor);
  to.bytes(3, batch.skippedCursor);
  for (const result of batch.entityResults.toReversed()) writeResult(to, 2, result);
  to.uint(1, resultTypes[batch.entityResultType]);
}

function writeResult(to: MessageWriter, field: number, result: EntityResult): void {
  to.message(field, () => {
    writeTime(to, 6, result.createTime);
    writeTime(to, 5, result.updateTime);
    to.int64(4, result.version);
    to.bytes(3, result.cursor);
    to.bytes(1, StoredResult.bytesOf(result) ?? encodeEntity(result.entity));
  });
}

function writeMutationResult(to: MessageWriter, result: MutationResult): void {
  const { key } = result;
  for (const value of result.transformResults.toReversed())
    to.message(8, () => writeValue(to, value));
  writeTime(to, 7, result.createTime);
  writeTime(to, 6, result.updateTime);
  to.bool(5, result.conflictDetected);
  to.int64(4, result.version);
  if (key) to.message(3, () => writeKey(to, key));
}

function writeTime(to: MessageWriter, field: number, time: Timestamp | null): void {
  if (time) to.message(field, () => writeTimestamp(to, time));
}
