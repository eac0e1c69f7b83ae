import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { LockerService, type EntityKey } from 'nestjs-datastore-locker';
import { Invoice, type Fate } from '../invoice.js';
import { countedFrom, missingFrom, problemsOf, scrapedFrom } from './counted.js';
import { scrape, type Figures } from './scrape.js';
import type { TallyLogger } from './tally-logger.js';

const fates: readonly Fate[] = [
  'nothing',
  'nothing',
  'nothing',
  'mail server away',
  'unknown address',
  'delivered twice',
];

/** What is known of the chains, and what is measured of them. */
export interface Seen {
  readonly invoices: readonly Invoice[];
  readonly counted: Figures;
  readonly scraped: Figures;
  /** What went wrong, or has not happened yet, a sentence each. */
  readonly problems: readonly string[];
}

/** Stores an invoice of each fate, and schedules its first step. */
export async function beginAll(app: INestApplication): Promise<EntityKey<Invoice>[]> {
  const locker = app.get(LockerService);
  const entries = fates.map((fate) => {
    const entity = Object.assign(new Invoice(), { fate });
    return { key: locker.key(Invoice), entity, task: 'invoice.render' };
  });
  await locker.scheduleAll(entries);
  return entries.map(({ key }) => key);
}

/** Looks until the chains are over and every figure agrees, or until patience is at an end. */
export async function watch(
  app: INestApplication,
  keys: readonly EntityKey<Invoice>[],
  logger: TallyLogger,
  { url, patienceMs }: { readonly url: string; readonly patienceMs: number },
): Promise<Seen> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const seen = await look(app.get(LockerService), keys, logger, url);
    if (seen.problems.length === 0 || Date.now() > end) return seen;
    await sleep(200);
  }
}

async function look(
  locker: LockerService,
  keys: readonly EntityKey<Invoice>[],
  logger: TallyLogger,
  url: string,
): Promise<Seen> {
  const swept = await locker.recover();
  const stored = await Promise.all(keys.map((key) => locker.get(key)));
  const invoices = stored.map((invoice) => invoice ?? new Invoice());
  const { refused } = logger;
  const counted = countedFrom({ invoices, refused, swept });
  const scraped = scrapedFrom(await scrape(url));
  const problems = [...missingFrom({ invoices, refused }), ...problemsOf(counted, scraped)];
  return { invoices, counted, scraped, problems };
}
