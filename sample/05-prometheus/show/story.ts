import type { Invoice } from '../invoice.js';
import { colour, type Output } from '../../surroundings/output.js';
import type { Figures } from './scrape.js';

/** Tells what became of an invoice. */
export function tellInvoice({ fate, mailed, lock }: Invoice, output: Output): void {
  const attempts = lock.history.filter(({ step }) => step === 2).length;
  const [error = ''] = (lock.error ?? '').split('\n');
  const became = mailed ? `mailed at attempt ${attempts}` : `${lock.state}, ${error}`;
  output.line(`    ${fate.padEnd(18)}${became}`);
}

/** Tells what Prometheus sees beside what was counted otherwise. */
export function tellFigures(counted: Figures, scraped: Figures, output: Output): void {
  const width = Math.max(...[...scraped.keys(), ...counted.keys()].map(({ length }) => length));
  for (const figure of new Set([...scraped.keys(), ...counted.keys()])) {
    const [seen, known] = [scraped.get(figure), counted.get(figure)];
    const mark = seen === known ? colour('green', '✔') : colour('red', `✘ ${known ?? 0} counted`);
    output.line(`    ${figure.padEnd(width)}${String(seen ?? '-').padStart(4)}  ${mark}`);
  }
}
