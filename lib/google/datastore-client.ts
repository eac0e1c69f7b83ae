import { v1, type Datastore } from '@google-cloud/datastore';
import { Connection } from './connection.js';
import { decoded } from './decoded.js';
import type {
  AllocateIdsRequest,
  AllocateIdsResponse,
  BeginTransactionRequest,
  BeginTransactionResponse,
  CommitRequest,
  CommitResponse,
  DatastoreApi,
  LookupRequest,
  LookupResponse,
  RollbackRequest,
  RunAggregationQueryRequest,
  RunAggregationQueryResponse,
  RunQueryRequest,
  RunQueryResponse,
} from './datastore-api.js';

/** One call: no retries of the client's own, which would outlast every lease, and an end to waiting, milliseconds. */
const call = { retry: null, timeout: 15_000 };

/** Google's Datastore, through the generated client, which carries what the high-level one drops. */
export class DatastoreClient implements DatastoreApi {
  private readonly connection: Connection<v1.DatastoreClient>;

  /** @param datastore the high-level client whose endpoint, credentials and options are used */
  constructor({ options }: Datastore) {
    this.connection = new Connection(() => new v1.DatastoreClient({ ...options }));
  }

  async lookup(request: LookupRequest): Promise<LookupResponse> {
    const client = await this.connection.ready();
    const [answer] = await client.lookup(request, call);
    return decoded(answer);
  }

  async runQuery(request: RunQueryRequest): Promise<RunQueryResponse> {
    const client = await this.connection.ready();
    const [answer] = await client.runQuery(request, call);
    return decoded(answer);
  }

  async runAggregationQuery(
    request: RunAggregationQueryRequest,
  ): Promise<RunAggregationQueryResponse> {
    const client = await this.connection.ready();
    const [answer] = await client.runAggregationQuery(request, call);
    return decoded(answer);
  }

  async beginTransaction(request: BeginTransactionRequest): Promise<BeginTransactionResponse> {
    const client = await this.connection.ready();
    const [answer] = await client.beginTransaction(request, call);
    return decoded(answer);
  }

  async commit(request: CommitRequest): Promise<CommitResponse> {
    const client = await this.connection.ready();
    const [answer] = await client.commit(request, call);
    return decoded(answer);
  }

  async rollback(request: RollbackRequest) {
    const client = await this.connection.ready();
    const [answer] = await client.rollback(request, call);
    return answer;
  }

  async allocateIds(request: AllocateIdsRequest): Promise<AllocateIdsResponse> {
    const client = await this.connection.ready();
    const [answer] = await client.allocateIds(request, call);
    return decoded(answer);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
