import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';
import type { Protos } from '../../protos.js';
import {
  encodeCommitResponse,
  encodeLookupResponse,
  encodeRunQueryResponse,
} from './encode-response.js';

/** Google's definition of the service, except that entities in answers go out as they are stored. */
export function datastoreDefinition(protos: Protos): ServiceDefinition {
  const service = protos.service('google.datastore.v1.Datastore');
  return {
    ...service,
    Lookup: answeredBy(service['Lookup'], encodeLookupResponse),
    RunQuery: answeredBy(service['RunQuery'], encodeRunQueryResponse),
    Commit: answeredBy(service['Commit'], encodeCommitResponse),
  };
}

type Method = MethodDefinition<object, object>;

function answeredBy(method: Method | undefined, encode: (response: never) => Buffer): Method {
  if (!method) throw new Error('The installed client lacks a method of Datastore.');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- gRPC has no types of messages
  return { ...method, responseSerialize: encode as (response: unknown) => Buffer };
}
