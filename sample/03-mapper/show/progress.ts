import { SingleBar } from 'cli-progress';
import type { Output } from '../../surroundings/output.js';

/** How far something has come. */
export interface Progress {
  /** So much of the whole is done. */
  at(done: number): void;
  end(): void;
}

/** A bar in a terminal; elsewhere a line for every quarter. */
export function progress(
  title: string,
  total: number,
  output: Output,
  isTerminal: boolean,
): Progress {
  return isTerminal ? bar(title, total) : lines(title, total, output);
}

function bar(title: string, total: number): Progress {
  const format = `    ${title} {bar} {percentage}%  {value} of {total}  {duration_formatted}`;
  const single = new SingleBar({
    format,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream: process.stdout,
  });
  single.start(total, 0);
  return { at: (done) => single.update(done), end: () => single.stop() };
}

function lines(title: string, total: number, output: Output): Progress {
  let told = -1;
  const at = (done: number) => {
    const quarters = Math.floor((done / total) * 4);
    if (quarters <= told) return;
    told = quarters;
    output.line(`    ${title} ${String(quarters * 25).padStart(3)}%  ${done} of ${total}`);
  };
  at(0);
  return { at, end: () => undefined };
}
