import type { Output } from '../../surroundings/output.js';
import { start } from './start.js';

/** Serves until it is told to end; every `POST /start` begins a chain. */
export async function serve(environment: NodeJS.ProcessEnv, output: Output): Promise<void> {
  const { url, stop } = await start(environment, output, 3_000);
  output.line(`  Begin a chain with   curl -X POST ${url}/start   and end with Ctrl-C.`);
  output.line();
  const end = (): void => void stop();
  process.once('SIGINT', end).once('SIGTERM', end);
}
