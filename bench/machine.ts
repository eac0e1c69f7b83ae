import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

/** Where and when something was measured. */
export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** The load average of the minute before. */
  readonly loadBefore: number;
  /** Of this package, the commit. */
  readonly commit: string;
}

/** This machine, now; says so when others keep it busy. */
export function thisMachine(): Machine {
  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    loadBefore: loadavg()[0] ?? NaN,
    commit: commit(),
  };
  if (machine.loadBefore > machine.cores / 2)
    console.log(
      `The machine is busy (load ${machine.loadBefore.toFixed(1)} on ${machine.cores} cores). What counts then is the CPU.`,
    );
  return machine;
}

/** The version of an installed package, found from a folder. */
export function versionOf(name: string, folder: URL): string {
  const file = new URL(`node_modules/${name}/package.json`, folder);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
