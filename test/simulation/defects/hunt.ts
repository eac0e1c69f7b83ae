import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Defect } from './defect.js';
import { defects } from './defects.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const hooks = 'test/support/load-typescript.ts';
/** Every defect must be found within so many schedules. */
const limit = 2_000;

/** A defect, and what became of it. */
interface Trial {
  readonly defect: Defect;
  /** How many schedules it took; undefined: it was not found. */
  readonly schedules: number | undefined;
  readonly property: string;
}

/**
 * Plants every defect in a copy of the library and lets the simulation find it: a simulation that finds nothing in
 * broken code says nothing about the code.
 *
 * @returns whether all were found
 */
export async function hunt(only: string, print: (line: string) => void): Promise<boolean> {
  const directory = copy();
  try {
    const chosen = defects.filter(({ name }) => name.includes(only));
    let missed = 0;
    for (const defect of chosen) {
      const { schedules, property } = await attempt(defect, directory);
      if (schedules === undefined) missed++;
      print(`${String(schedules ?? 'MISSED').padStart(6)}  ${defect.name.padEnd(58)} ${property}`);
    }
    print(`${chosen.length - missed} of ${chosen.length} defects found within ${limit} schedules`);
    return missed === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The defects whose place is not found exactly once in the library's sources: the code has moved on. */
export function misplaced(): string[] {
  return defects
    .filter(({ file, search }) => sourceOf(root, file).split(search).length !== 2)
    .map(({ name }) => name);
}

async function attempt(defect: Defect, directory: string): Promise<Trial> {
  const { file, search, replace } = defect;
  const sound = sourceOf(directory, file);
  const broken = sound.replace(search, () => replace);
  if (broken === sound) throw new Error(`"${defect.name}" has no place in ${file} any more.`);
  writeFileSync(join(directory, 'lib', file), broken);
  try {
    const output = await simulate(directory);
    const [, seed, property] = /^Seed (\d+): ([^:]*)/m.exec(output) ?? [];
    if (seed) return { defect, schedules: Number(seed), property: property ?? '' };
    if (!output.includes('all well')) throw new Error(output);
    return { defect, schedules: undefined, property: '' };
  } finally {
    writeFileSync(join(directory, 'lib', file), sound);
  }
}

function simulate(directory: string): Promise<string> {
  const flags = ['--no-warnings', '--import', `./${hooks}`];
  const program = ['test/simulation/main.ts', '--schedules', String(limit), '--brief'];
  const child = spawn(process.execPath, [...flags, ...program], { cwd: directory });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

function copy(): string {
  const directory = mkdtempSync(join(tmpdir(), 'defects-'));
  for (const part of ['lib', 'test/simulation', hooks, 'package.json'])
    cpSync(join(root, part), join(directory, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

function sourceOf(directory: string, file: string): string {
  return readFileSync(join(directory, 'lib', file), 'utf8');
}
