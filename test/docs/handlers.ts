/* oxlint-disable typescript/require-await -- as the documentation shows it */
import { Controller, Injectable, Module } from '@nestjs/common';
import {
  Lease,
  Lockable,
  LockedTask,
  LockerModule,
  LockerService,
  PermanentTaskError,
} from 'nestjs-datastore-locker';

export class Order extends Lockable {
  static readonly kind = 'Order';
  to = 'somebody';
  letterTried = false;
  letterId?: string;
}

export class Import extends Lockable {
  static readonly kind = 'Import';
  file = 'a file';
  cursor = '';
  rows = 0;
}

export class Report extends Lockable {
  static readonly kind = 'Report';
  total = 0;
  missing = 0;
  parts = 0;
}

export class Part extends Lockable {
  static readonly kind = 'Part';
  report = '';
  step = 0;
  sum = 0;
}

/** What is outside, and goes wrong when a test says so. */
@Injectable()
export class Outside {
  readonly letters: string[] = [];
  readonly stored = new Map<string, string[]>();
  pages = 0;
  /** What is done instead of succeeding, once. */
  trouble: (() => void) | undefined;

  send(to: string): Promise<string> {
    this.letters.push(to);
    this.strike();
    return Promise.resolve(`letter ${this.letters.length}`);
  }

  page(_file: string, cursor: string, _signal: AbortSignal) {
    const from = Number(cursor);
    const next = from < 4 ? { next: String(from + 1) } : {};
    return Promise.resolve({ rows: [`row ${from}`], ...next });
  }

  add(rows: string[], key: string): Promise<void> {
    this.pages++;
    this.stored.set(key, rows);
    if (this.pages === 3) this.strike();
    return Promise.resolve();
  }

  private strike(): void {
    const { trouble } = this;
    this.trouble = undefined;
    trouble?.();
  }
}

@Controller()
class Handlers {
  constructor(
    private readonly locker: LockerService,
    private readonly post: Outside,
    private readonly source: Outside,
    private readonly store: Outside,
  ) {}

  private readonly work = (_part: Part, _signal: AbortSignal) => Promise.resolve(2);

  @LockedTask('order.letter', Order, { onLost: 'fail' })
  async letter(order: Order, lease: Lease) {
    if (order.letterTried) throw new PermanentTaskError('a letter may be on its way');
    order.letterTried = true;
    await lease.save();
    order.letterId = await this.post.send(order.to);
    await lease.next('order.done');
  }

  @LockedTask('order.done', Order)
  done(_order: Order, _lease: Lease) {}

  @LockedTask('import.slice', Import)
  async slice(job: Import, lease: Lease) {
    while (lease.timeLeftMs > 60_000) {
      const page = await this.source.page(job.file, job.cursor, lease.signal);
      await this.store.add(page.rows, `${lease.run}:${job.cursor}`);
      job.rows += page.rows.length;
      if (!page.next) return; // The run is complete.
      job.cursor = page.next;
      await lease.save();
    }
    await lease.next(); // The same task again, from the cursor.
  }

  @LockedTask('report.split', Report)
  async split(report: Report, lease: Lease) {
    const id = String(lease.key.id);
    report.parts = 10;
    await this.locker.scheduleAll(
      Array.from({ length: report.parts }, (_, index) => ({
        key: this.locker.key(Part, `${id}-${index}`),
        entity: Object.assign(new Part(), { report: id, step: lease.step }),
        task: 'part.run',
      })),
    );
    await lease.next('report.sum', { waitFor: report.parts, within: '1h' });
  }

  @LockedTask('part.run', Part)
  async run(part: Part, lease: Lease) {
    const sum = await this.work(part, lease.signal);
    const parent = this.locker.key(Report, BigInt(part.report));
    await this.locker.transact(async (tx) => {
      part.sum = sum;
      tx.complete();
      tx.arrive(parent, { step: part.step });
    });
  }

  @LockedTask('report.sum', Report)
  async sum(report: Report, lease: Lease) {
    if (lease.timedOut) report.missing = 1;
    for (let index = 0; index < report.parts; index++) {
      const part = await this.locker.get(this.locker.key(Part, `${String(lease.key.id)}-${index}`));
      report.total += part?.sum ?? 0;
    }
  }
}

@Module({
  imports: [
    LockerModule.forRoot({
      target: { baseUrl: 'http://127.0.0.1' },
      guard: 'none',
      location: 'europe-west1',
    }),
  ],
  controllers: [Handlers],
  providers: [Outside],
})
export class HandlersModule {}
