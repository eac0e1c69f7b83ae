import { v1 } from '@google-cloud/datastore-api';
import { createRequire } from 'node:module';
import type { GoogleEmulator } from './google-emulators.js';

const require = createRequire(import.meta.url);

/** The generated half of the official client: it sends requests as they are. */
export function rawClient({ host, port }: GoogleEmulator, projectId: string): v1.DatastoreClient {
  // Credentials must come from the gRPC that the client's own google-gax uses.
  const fromClient = createRequire(require.resolve('@google-cloud/datastore-api'));
  const grpc = createRequire(fromClient.resolve('google-gax'))('@grpc/grpc-js') as {
    credentials: { createInsecure(): never };
  };
  const sslCreds = grpc.credentials.createInsecure();
  return new v1.DatastoreClient({ projectId, apiEndpoint: host, port, sslCreds });
}
