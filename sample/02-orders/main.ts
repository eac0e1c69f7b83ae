import 'reflect-metadata';
import { colour, TerminalOutput } from '../surroundings/output.js';
import { serve } from './shop/worker.js';
import { serveEmulator } from './show/emulator-program.js';
import { endWithParent } from './show/program.js';
import { runToTheEnd } from './show/run-to-the-end.js';

const output = new TerminalOutput();
const [, , role, file = ''] = process.argv;
try {
  if (role !== undefined) endWithParent();
  if (role === 'worker') await serve();
  else if (role === 'emulator') await serveEmulator(file);
  else process.exitCode = await runToTheEnd(process.env, output);
} catch (error) {
  output.line(colour('red', `  ✘ ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
}
