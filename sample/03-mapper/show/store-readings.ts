import { createHash } from 'node:crypto';
import type { Datastore } from '@google-cloud/datastore';
import { readingKind } from '../mapper/reading.js';

/** Where readings are stored. */
export const namespaces = ['north', 'east', 'south', 'west'];

/** How many are stored in one commit, which is Datastore's limit; and how many commits at once. */
const limits = { commit: 500, atOnce: 4 };

/** Stores readings, the same ones whenever it is asked to; calls `stored` with how many more there are. */
export async function storeReadings(
  datastore: Datastore,
  total: number,
  stored: (more: number) => void,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(total / limits.commit) }, (_, index) => index);
  const work = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const first = batch * limits.commit;
      const length = Math.min(limits.commit, total - first);
      await datastore.save(
        Array.from({ length }, (_, index) => readingOf(datastore, first + index)),
      );
      stored(length);
    }
  };
  await Promise.all(Array.from({ length: limits.atOnce }, work));
}

function readingOf(datastore: Datastore, index: number) {
  const digest = createHash('md5').update(`reading ${index}`).digest();
  const namespace = namespaces[index % namespaces.length] ?? '';
  const path = [readingKind, digest.toString('hex')];
  const tenths = (digest.readUInt16BE(0) % 500) - 120;
  return { key: datastore.key({ namespace, path }), data: { tenths } };
}
