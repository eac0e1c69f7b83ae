import { systemClock } from '../system/clock.js';
import { openDatabase } from './database.js';
import { Emulator } from './emulator.js';
import type { EmulatorOptions } from './emulator-options.js';
import { HttpServer } from './http-server.js';
import { OidcIssuer } from './tasks/oidc-issuer.js';

/** Starts Datastore and Cloud Tasks on this machine, reachable at its loopback address only. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const database = openDatabase(options.data);
  const http = new HttpServer();
  let emulator: Emulator | undefined;
  try {
    const issuer = new OidcIssuer(await http.listen(options.controlPort ?? 0), systemClock);
    emulator = new Emulator(options, { database, http, issuer });
    await emulator.listen(options);
    return emulator;
  } catch (error) {
    if (emulator) await emulator.stop();
    else await http.close().finally(() => database.close());
    throw error;
  }
}
