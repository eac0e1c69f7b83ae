// Runs benchmarks, each in a process of its own: `npm run bench`, or `npm run bench -- floor peers`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const names = [
  'floor',
  'in-process',
  'peers',
  'contention',
  'recovery',
  'growth',
  'cost',
  'telemetry',
] as const;
const programs: Readonly<Record<(typeof names)[number], string>> = {
  floor: './floor/main.js',
  'in-process': './in-process/main.js',
  peers: './contest/main.js',
  contention: './contention/main.js',
  recovery: './recovery/main.js',
  growth: './growth/main.js',
  cost: './cost/main.js',
  telemetry: './telemetry/main.js',
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.some((known) => known === name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(1);
}

process.env['METADATA_SERVER_DETECTION'] = 'none';
const failed: string[] = [];
for (const name of names.filter((known) => asked.length === 0 || asked.includes(known))) {
  const began = performance.now();
  console.log(`\n── ${name}`);
  const program = fileURLToPath(new URL(programs[name], import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', program], { stdio: 'inherit' });
  await once(child, 'exit');
  if (child.exitCode !== 0) failed.push(name);
  console.log(`── ${name}: ${Math.round((performance.now() - began) / 1_000)} s`);
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}
