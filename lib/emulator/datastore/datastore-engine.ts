import type { DatabaseSync } from 'node:sqlite';
import type * as api from '../../google/datastore-api.js';
import { Status } from '../../google/status.js';
import type { Clock } from '../../system/clock.js';
import { Protos } from '../protos.js';
import { RpcError } from '../rpc-error.js';
import { checkDatabase } from './keys/partition.js';
import { Lookup } from './lookup.js';
import { Queries } from './queries/queries.js';
import type { RunnableQuery } from './queries/runnable-query.js';
import { Store } from './storage/store.js';
import { Timeline } from './timeline.js';
import type { Isolation } from './transactions/isolation.js';
import { Locks } from './transactions/locks.js';
import { OpenTransactions } from './transactions/open-transactions.js';
import { OptimisticIsolation } from './transactions/optimistic-isolation.js';
import { PessimisticIsolation } from './transactions/pessimistic-isolation.js';
import { Reading, refuseReadTime } from './transactions/reading.js';
import { Snapshots } from './transactions/snapshots.js';
import type {
  DatabaseRequest,
  Requests,
  RunAggregationQueryRequest,
  RunQueryRequest,
} from './wire/requests.js';
import type {
  CommitResponse,
  LookupResponse,
  RunAggregationQueryResponse,
  RunQueryResponse,
} from './wire/responses.js';
import { Wire } from './wire/wire.js';
import { Commits } from './writes/commits.js';
import { Committer } from './writes/committer.js';
import { allocateIds, reserveIds } from './writes/id-requests.js';

/** How a `DatastoreEngine` is made. */
export interface DatastoreEngineOptions {
  /** In memory or on a file; opened, and closed after the engine, by the caller. Tables are named `datastore_…`. */
  readonly database: DatabaseSync;
  /** Gives times to commits and ends transactions. */
  readonly clock: Clock;
  /**
   * `optimistic`: of transactions that conflict the first to commit wins, the others get ABORTED.
   * `pessimistic`: what a transaction has read cannot be written by others until it ends; they wait.
   */
  readonly concurrency: 'optimistic' | 'pessimistic';
  /** Google's protos, for many engines in one process: to load them takes some 20 ms. By default loaded anew. */
  readonly protos?: Protos;
}

/**
 * Google's Datastore service, version v1, in this process: every RPC is a method that takes the request as the
 * official client sends it and answers what that client would decode. Errors are `RpcError`s with the codes of the
 * real service; what is not implemented answers UNIMPLEMENTED.
 */
export class DatastoreEngine implements api.DatastoreApi {
  readonly #wire: Wire;
  readonly #store: Store;
  readonly #locks: Locks;
  readonly #transactions: OpenTransactions;
  readonly #reading: Reading;
  readonly #queries: Queries;
  readonly #committer: Committer;
  readonly #commits: Commits;
  #isClosed = false;

  constructor({ database, clock, concurrency, protos }: DatastoreEngineOptions) {
    this.#wire = new Wire(protos ?? Protos.datastore());
    this.#store = new Store(database, this.#wire);
    const { counters } = this.#store;
    const timeline = new Timeline(clock, counters.get('committed'));
    const snapshots = new Snapshots(this.#store, timeline);
    this.#locks = new Locks(clock);
    const isolation: Isolation =
      concurrency === 'optimistic'
        ? new OptimisticIsolation(snapshots)
        : new PessimisticIsolation(this.#locks, snapshots);
    this.#transactions = new OpenTransactions(clock, counters.next('engines'), (transaction) =>
      isolation.release(transaction),
    );
    this.#reading = new Reading(this.#transactions, isolation, snapshots);
    this.#queries = new Queries(this.#wire);
    this.#committer = new Committer(this.#store, this.#wire, timeline);
    this.#commits = new Commits(this.#committer, this.#transactions, isolation);
  }

  /** Reads entities by their keys, in a transaction or not. @throws RpcError as Google's `Lookup` does */
  lookup(request: api.LookupRequest): Promise<LookupResponse> {
    return this.#answer('LookupRequest', request, (decoded) => {
      const lookup = new Lookup(decoded, this.#wire);
      return this.#reading.read(decoded.readOptions, decoded, lookup.target, (view, begun) =>
        lookup.response(view, begun),
      );
    });
  }

  /** Runs a query. @throws RpcError as Google's `RunQuery` does */
  runQuery(request: api.RunQueryRequest): Promise<RunQueryResponse> {
    return this.#answer('RunQueryRequest', request, (decoded) =>
      this.#query(decoded, this.#queries.query(decoded)),
    );
  }

  /** Begins a transaction. @throws RpcError as Google's `BeginTransaction` does */
  beginTransaction(request: api.BeginTransactionRequest): Promise<{ transaction: Buffer }> {
    return this.#answer('BeginTransactionRequest', request, (decoded) => {
      refuseReadTime(decoded.transactionOptions);
      const { id } = this.#transactions.begin(decoded, decoded.transactionOptions);
      return { transaction: id };
    });
  }

  /** Writes, all or nothing. @throws RpcError as Google's `Commit` does: ABORTED after a conflict */
  commit(request: api.CommitRequest): Promise<CommitResponse> {
    return this.#answer('CommitRequest', request, (decoded) => this.#commits.commit(decoded));
  }

  /** Ends a transaction without writing. @throws RpcError as Google's `Rollback` does */
  rollback(request: api.RollbackRequest): Promise<object> {
    return this.#answer('RollbackRequest', request, (decoded) => {
      this.#transactions.end(this.#transactions.use(decoded.transaction, decoded));
      return {};
    });
  }

  /** Gives ids to incomplete keys. @throws RpcError as Google's `AllocateIds` does */
  allocateIds(request: api.AllocateIdsRequest): Promise<api.AllocateIdsResponse> {
    return this.#answer('AllocateIdsRequest', request, (decoded) => ({
      keys: allocateIds(decoded, this.#committer.allocateId),
    }));
  }

  /** Keeps ids from being given to other keys. @throws RpcError as Google's `ReserveIds` does */
  reserveIds(request: api.ReserveIdsRequest): Promise<object> {
    return this.#answer('ReserveIdsRequest', request, (decoded) => {
      reserveIds(decoded, this.#store);
      return {};
    });
  }

  /** Counts, sums up and averages. @throws RpcError as Google's `RunAggregationQuery` does */
  runAggregationQuery(
    request: api.RunAggregationQueryRequest,
  ): Promise<RunAggregationQueryResponse> {
    return this.#answer('RunAggregationQueryRequest', request, (decoded) =>
      this.#query(decoded, this.#queries.aggregation(decoded)),
    );
  }

  /** Ends all transactions, and with UNAVAILABLE all that waits for them; every later call fails in the same way. */
  close(): void {
    this.#isClosed = true;
    this.#locks.close(closed());
    this.#transactions.endAll();
  }

  #query<Response>(
    request: RunQueryRequest | RunAggregationQueryRequest,
    query: RunnableQuery<Response>,
  ): Promise<Response> {
    const target = { keys: new Set<string>(), query };
    return this.#reading.read(request.readOptions, request, target, (view, begun) =>
      query.response(view, begun),
    );
  }

  async #answer<Name extends keyof Requests, Response>(
    name: Name,
    request: object,
    handle: (decoded: Requests[Name]) => Response | Promise<Response>,
  ): Promise<Response> {
    if (this.#isClosed) throw closed();
    const decoded = this.#wire.request(name, request);
    checkDatabase(decoded satisfies DatabaseRequest);
    return handle(decoded);
  }
}

function closed(): RpcError {
  return new RpcError(Status.UNAVAILABLE, 'The emulator has been closed.');
}
