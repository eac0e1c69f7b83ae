/** Where the program runs. */
export interface Terminal {
  print(line: string): void;
  printError(line: string): void;
  /** Resolves when the program is asked to end. */
  whenStopped(): Promise<void>;
}

/** The process it runs in: SIGINT (Ctrl-C) and SIGTERM end it, a second one at once. */
export const processTerminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  printError: (line) => void process.stderr.write(`${line}\n`),
  whenStopped: () =>
    new Promise((resolve) => {
      const stop = (): void => {
        process.off('SIGINT', stop).off('SIGTERM', stop);
        resolve();
      };
      process.on('SIGINT', stop).on('SIGTERM', stop);
    }),
};
