import { systemClock, type Clock } from '../../lib/system/clock.js';
import { run } from '../../lib/cli/run.js';
import type { Terminal } from '../../lib/cli/terminal.js';

/** What the program said, and its exit code. */
export interface Said {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
  /** What was asked, and what a bar was shown for. */
  readonly questions: string[];
  readonly bars: string[];
}

/** Runs the program in this process. @param answer what a person says; undefined: there is none */
export async function runHere(
  args: string[],
  { answer, clock = systemClock }: { answer?: boolean; clock?: Clock } = {},
): Promise<Said> {
  const lines: string[] = [];
  const errors: string[] = [];
  const questions: string[] = [];
  const bars: string[] = [];
  const terminal: Terminal = {
    clock,
    print: (line) => lines.push(line),
    printError: (line) => errors.push(line),
    confirm: (question) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
    progress: (what, total) => {
      let last = 0;
      return {
        set: (done) => (last = done),
        end: () => bars.push(`${what} ${last}/${total}`),
      };
    },
    whenStopped: () => Promise.resolve(),
  };
  const code = await run(args, terminal);
  return { code, output: lines.join('\n'), errors: errors.join('\n'), questions, bars };
}
