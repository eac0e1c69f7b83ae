import { once } from 'node:events';
import { colour, TerminalOutput } from '../surroundings/output.js';
import { runToTheEnd } from './show/run-to-the-end.js';

const output = new TerminalOutput();

/** Until Ctrl-C. */
async function stay(): Promise<void> {
  output.line('  It goes on serving, for Prometheus to look at. End with Ctrl-C.');
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

try {
  const options = process.argv.includes('--serve') ? { stay } : {};
  process.exitCode = await runToTheEnd(process.env, output, options);
} catch (error) {
  output.line(colour('red', `  ✘ ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
}
