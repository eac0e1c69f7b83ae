import { keyFromProto } from '../datastore/keys.js';
import { chainReportWithHistory } from './chain-report.js';
import { parseKey } from './key-argument.js';
import { withLocker } from './open-locker.js';
import { readingOptions, type Place } from './place.js';
import { chainSheet } from './tables.js';
import type { Terminal } from './terminal.js';

export async function showChain(text: string, place: Place, terminal: Terminal): Promise<void> {
  const key = parseKey(text, place.namespace);
  const opening = { options: readingOptions(place, process.env), keys: [key] };
  const view = await withLocker(opening, terminal, ({ service }) =>
    service.inspect(keyFromProto(key.key)),
  );
  if (place.json) terminal.print(JSON.stringify(chainReportWithHistory(view), undefined, 2));
  else terminal.print(chainSheet(view));
}
