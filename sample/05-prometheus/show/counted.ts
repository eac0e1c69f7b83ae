import type { SweepReport } from 'nestjs-datastore-locker';
import type { Invoice } from '../invoice.js';
import { add, selector, sumBy, type Figures, type Sample } from './scrape.js';

/** What is known of the chains without any metrics. */
export interface Evidence {
  /** As they are stored. */
  readonly invoices: readonly Invoice[];
  /** How the log says that deliveries ended which ran nothing. */
  readonly refused: readonly string[];
  /** What a sweep has just found. */
  readonly swept: readonly SweepReport[];
}

/** The tasks of steps 1 and 2. */
const tasks = ['invoice.render', 'invoice.mail'];

/** The figures that Prometheus should see. */
export function countedFrom({ invoices, refused, swept }: Evidence): Figures {
  const figures = new Map<string, number>();
  for (const { lock } of invoices) {
    for (const { step, outcome } of lock.history) {
      const ofTask = { locker_task: tasks[step - 1] ?? '?' };
      add(figures, selector('locker_steps_total', { ...ofTask, locker_outcome: outcome }));
      add(figures, selector('locker_handler_duration_count', ofTask));
    }
    if (lock.state === 'failed')
      add(figures, selector('locker_failures_total', { locker_task: 'invoice.mail' }));
  }
  for (const outcome of refused)
    add(figures, selector('locker_deliveries_refused_total', { locker_outcome: outcome }));
  add(figures, 'locker_overdue_count', 0);
  for (const { seen } of swept) add(figures, 'locker_overdue_count', seen);
  return figures;
}

/** The same figures, as Prometheus sees them. */
export function scrapedFrom(samples: readonly Sample[]): Figures {
  return new Map([
    ...sumBy(samples, 'locker_steps_total', ['locker_task', 'locker_outcome']),
    ...sumBy(samples, 'locker_handler_duration_count', ['locker_task']),
    ...sumBy(samples, 'locker_failures_total', ['locker_task']),
    ...sumBy(samples, 'locker_deliveries_refused_total', ['locker_outcome']),
    ...sumBy(samples, 'locker_overdue_count', []),
  ]);
}

/** What does not agree, a sentence each. */
export function problemsOf(counted: Figures, scraped: Figures): string[] {
  const all = [...new Set([...counted.keys(), ...scraped.keys()])];
  return all
    .filter((figure) => counted.get(figure) !== scraped.get(figure))
    .map(
      (figure) =>
        `${figure} is ${scraped.get(figure) ?? 'missing'}, though there were ${counted.get(figure) ?? 0}.`,
    );
}

/** What of the chains has not happened that was to, a sentence each. */
export function missingFrom({ invoices, refused }: Omit<Evidence, 'swept'>): string[] {
  const underWay = invoices.filter(({ lock }) => lock.active).length;
  return [
    ...(underWay > 0 ? [`${underWay} of ${invoices.length} invoices are still under way.`] : []),
    ...(refused.includes('stale') ? [] : ['No task was delivered when its step was over.']),
  ];
}
