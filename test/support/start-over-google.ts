import type { DatastoreEngine, EmulatorOptions } from 'nestjs-datastore-locker/emulator';
import { openDatabase } from '../../lib/emulator/database.js';
import { Emulator } from '../../lib/emulator/emulator.js';
import { HttpServer } from '../../lib/emulator/http-server.js';
import { OidcIssuer } from '../../lib/emulator/tasks/oidc-issuer.js';
import { systemClock } from '../../lib/system/clock.js';
import { ForwardingDatastore } from './forwarding-datastore.js';

/**
 * Our emulator with one of Google's for its Datastore: every call goes on to that, with our faults and taps around it.
 *
 * @param endpoint `127.0.0.1:PORT` of Google's emulator, which many may share
 */
export async function startOverGoogle(
  endpoint: string,
  options: EmulatorOptions,
): Promise<Emulator> {
  const http = new HttpServer();
  const issuer = new OidcIssuer(await http.listen(0), systemClock);
  const emulator = new Emulator(options, {
    database: openDatabase(undefined),
    http,
    issuer,
    datastore: () => new ForwardingDatastore(endpoint) as unknown as DatastoreEngine,
  });
  await emulator.listen(options);
  return emulator;
}
