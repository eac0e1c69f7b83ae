import { colour, TerminalOutput } from '../surroundings/output.js';
import { runToTheEnd } from './show/run-to-the-end.js';

const output = new TerminalOutput();
try {
  process.exitCode = await runToTheEnd(process.env, output, {
    isTerminal: process.stdout.isTTY,
    isServing: process.argv.includes('--serve'),
  });
} catch (error) {
  output.line(colour('red', `  ✘ ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
}
