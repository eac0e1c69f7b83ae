#!/usr/bin/env node
import { nodeProblem } from './node-problem.js';

const problem = nodeProblem(process.version);
if (problem === undefined) {
  // Not before: an old Node could not even load them.
  const { enableCompileCache } = await import('node:module');
  // What was compiled once need not be compiled again: the program starts sooner from the second time on.
  enableCompileCache();
  const { run } = await import('./run.js');
  const { processTerminal } = await import('./terminal.js');
  process.exitCode = await run(process.argv.slice(2), processTerminal);
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
