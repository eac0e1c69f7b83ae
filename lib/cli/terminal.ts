import { createInterface } from 'node:readline/promises';
import { systemClock, type Clock } from '../system/clock.js';
import { progressOn, type Progress } from './progress.js';

/** Where the program runs. */
export interface Terminal {
  readonly clock: Clock;
  print(line: string): void;
  printError(line: string): void;
  /** Asks a person yes or no; undefined: there is nobody to ask. */
  confirm(question: string): Promise<boolean | undefined>;
  /** Shows how far a long work has come, where a person looks. */
  progress(what: string, total: number): Progress;
  /** Resolves when the program is asked to end. */
  whenStopped(): Promise<void>;
}

/** The process it runs in: SIGINT (Ctrl-C) and SIGTERM end it, a second one at once. */
export const processTerminal: Terminal = {
  clock: systemClock,
  print: (line) => void process.stdout.write(`${line}\n`),
  printError: (line) => void process.stderr.write(`${line}\n`),
  confirm: (question) => askOn(process.stdin, process.stderr, question),
  progress: (what, total) => progressOn(process.stderr, what, total),
  whenStopped: () =>
    new Promise((resolve) => {
      const stop = (): void => {
        process.off('SIGINT', stop).off('SIGTERM', stop);
        resolve();
      };
      process.on('SIGINT', stop).on('SIGTERM', stop);
    }),
};

/** Asks on a terminal; undefined where input or output is none. */
export async function askOn(
  input: NodeJS.ReadableStream & { isTTY?: boolean },
  output: NodeJS.WritableStream & { isTTY?: boolean },
  question: string,
): Promise<boolean | undefined> {
  if (!input.isTTY || !output.isTTY) return undefined;
  const lines = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
