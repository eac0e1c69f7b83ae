import { Datastore } from '@google-cloud/datastore';
import { describe, expect, it } from 'vitest';
import { startDatastoreEmulator, startFirestoreEmulator } from './google-emulators.js';

describe.each([
  ['the Datastore emulator', startDatastoreEmulator],
  ['the Firestore emulator in Datastore mode', startFirestoreEmulator],
])('%s', (_, start) => {
  it(
    'starts, keeps an entity for the official client, and stops',
    { timeout: 150_000 },
    async () => {
      const emulator = await start();
      try {
        const datastore = new Datastore({ projectId: 'p1', apiEndpoint: emulator.endpoint });
        const key = datastore.key(['Order', 1]);
        await datastore.save({ key, data: { total: 5 } });

        expect(await datastore.get(key)).toMatchObject([{ total: 5 }]);
      } finally {
        await emulator.stop();
      }
    },
  );
});
