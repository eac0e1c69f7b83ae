import { CloudTasksClient } from '@google-cloud/tasks';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The unmodified client; its credentials must come from the gRPC that its own google-gax uses. */
export function officialTasksClient(host: string): CloudTasksClient {
  const [address = '', port] = host.split(':');
  const fromClient = createRequire(require.resolve('@google-cloud/tasks'));
  const gax = createRequire(fromClient.resolve('google-gax'))('@grpc/grpc-js') as {
    credentials: { createInsecure(): never };
  };
  return new CloudTasksClient({
    projectId: 'p',
    apiEndpoint: address,
    port: Number(port),
    sslCreds: gax.credentials.createInsecure(),
  });
}
