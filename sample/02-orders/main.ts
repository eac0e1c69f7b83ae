import 'reflect-metadata';
import { colour, TerminalOutput } from '../surroundings/output.js';
import { endWithParent } from './show/program.js';

const output = new TerminalOutput();
const [, , role, file = ''] = process.argv;
try {
  process.exitCode = await play();
} catch (error) {
  output.line(colour('red', `  ✘ ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
}

/** Loads what its role needs and no more: who is killed every second had better start fast. */
async function play(): Promise<number> {
  if (role === undefined || role === '--by-hand') {
    const { runToTheEnd } = await import('./show/run-to-the-end.js');
    return runToTheEnd(process.env, output, role === '--by-hand');
  }
  endWithParent();
  if (role === 'emulator') {
    const { serveEmulator } = await import('./show/emulator-program.js');
    await serveEmulator(file);
  } else {
    const { serve } = await import('./shop/worker.js');
    await serve();
  }
  return 0;
}
