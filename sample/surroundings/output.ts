import { styleText } from 'node:util';

/** Where the sample prints. */
export interface Output {
  line(text?: string): void;
}

/** The terminal. */
export class TerminalOutput implements Output {
  line(text = ''): void {
    process.stdout.write(`${text}\n`);
  }
}

/** Text in a colour, where the terminal has colours and `NO_COLOR` is not set. */
export function colour(name: 'green' | 'yellow' | 'red' | 'cyan' | 'dim', text: string): string {
  return styleText(name, text);
}
