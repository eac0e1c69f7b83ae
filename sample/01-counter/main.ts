import { colour, TerminalOutput } from '../surroundings/output.js';
import { runToTheEnd } from './show/run-to-the-end.js';
import { serve } from './show/serve.js';

const output = new TerminalOutput();
try {
  if (process.argv.includes('--serve')) await serve(process.env, output);
  else process.exitCode = await runToTheEnd(process.env, output);
} catch (error) {
  output.line(colour('red', `  ✘ ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
}
