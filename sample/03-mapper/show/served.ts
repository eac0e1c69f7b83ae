import { once } from 'node:events';
import type { Output } from '../../surroundings/output.js';
import { namespaces } from './store-readings.js';

/** Says what can be done now, and waits until the program is told to end. */
export async function served(url: string, output: Output): Promise<void> {
  const wish = JSON.stringify({ namespaces, shardsEach: 8 });
  output.line();
  output.line('  Another job, to be looked at in the console; Ctrl-C ends:');
  output.line(
    `    curl -X POST ${url}/jobs/another -H 'content-type: application/json' -d '${wish}'`,
  );
  const ended = new AbortController();
  const { signal } = ended;
  await Promise.race([once(process, 'SIGINT', { signal }), once(process, 'SIGTERM', { signal })]);
  ended.abort();
}
