import { Datastore, v1 } from '@google-cloud/datastore';

/** The generated half of the official client: it sends requests as they are. */
export function rawClient(host: string, projectId: string): v1.DatastoreClient {
  return new v1.DatastoreClient({ ...new Datastore({ projectId, apiEndpoint: host }).options });
}
