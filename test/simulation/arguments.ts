import { parseArgs } from 'node:util';
import { parseDecisions, type Decision } from './decisions/recorded-oracle.js';

/** What `npm run simulate` was asked for. */
export interface Arguments {
  readonly seed: number;
  readonly schedules: number;
  readonly trace: boolean;
  readonly brief: boolean;
  readonly decisions: readonly Decision[] | undefined;
  readonly exhaustive: boolean;
  readonly faults: number;
  readonly concurrency: 'optimistic' | 'pessimistic';
  /** Whether to go through orders that are all the same as well, and compare. */
  readonly compare: boolean;
  readonly defects: boolean;
  readonly only: string | undefined;
}

export const usage = `npm run simulate -- [options]

  --schedules N     run N schedules, those of N seeds one after the other (10000)
  --seed N          begin with this seed (1); without --schedules, run it alone
  --trace           print what happened, in order
  --brief           of a failure, print the first line only
  --decisions LIST  replay decisions, as printed with a failure
  --exhaustive      enumerate instead: one chain of two steps, two instances
    --faults N        every placing of up to N faults (1)
    --concurrency M   optimistic or pessimistic (optimistic)
    --compare         go through orders that should be all the same as well, and see that they are
  --defects         plant every known defect in a copy of the library, and see it found
    --only NAME       only those whose name contains NAME`;

/** @throws TypeError for what is no option */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      schedules: { type: 'string' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      brief: { type: 'boolean', default: false },
      decisions: { type: 'string' },
      exhaustive: { type: 'boolean', default: false },
      faults: { type: 'string', default: '1' },
      concurrency: { type: 'string', default: 'optimistic' },
      compare: { type: 'boolean', default: false },
      defects: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const { trace, brief, exhaustive, compare, defects, only } = values;
  return {
    trace,
    brief,
    exhaustive,
    compare,
    defects,
    only,
    seed: count('seed', values.seed ?? '1'),
    schedules: count('schedules', values.schedules ?? (values.seed === undefined ? '10000' : '1')),
    decisions: values.decisions === undefined ? undefined : parseDecisions(values.decisions),
    faults: count('faults', values.faults),
    concurrency: values.concurrency === 'pessimistic' ? 'pessimistic' : 'optimistic',
  };
}

function count(option: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new TypeError(`--${option} expects a number, got ${text}`);
  return Number(text);
}
