#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// What was compiled once need not be compiled again: the program starts sooner from the second time on.
enableCompileCache();
const { run } = await import('./run.js');
const { processTerminal } = await import('./terminal.js');

process.exitCode = await run(process.argv.slice(2), processTerminal);
