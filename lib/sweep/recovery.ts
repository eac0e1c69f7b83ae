import type { Arming } from '../datastore/arming.js';
import type { Log } from '../system/log.js';
import { noTelemetry, type Telemetry } from '../system/telemetry.js';
import type { Collection } from './lock-index.js';
import { reportOf, type SweepReport } from './sweep-report.js';
import type { Sweeper } from './sweeper.js';

/** Sweeps whole namespaces, and sees to it that one which owes anything is swept again. */
export class Recovery {
  constructor(
    private readonly sweeper: Sweeper,
    private readonly arming: Arming,
    private readonly kinds: () => readonly string[],
    private readonly namespaces: readonly string[],
    private readonly log: Log,
    private readonly telemetry: Telemetry = noTelemetry,
  ) {}

  /**
   * Sweeps a namespace; one that the options do not name is left alone.
   *
   * @throws the error of Datastore or Cloud Tasks that kept the sweep from its end
   */
  async recover(namespace: string): Promise<SweepReport> {
    if (!this.namespaces.includes(namespace)) {
      this.log.warn('Not swept: the option namespaces does not name it', { namespace });
      return reportOf([], 0, false);
    }
    return this.telemetry.sweep(namespace, () => this.sweep(namespace));
  }

  private async sweep(namespace: string): Promise<SweepReport> {
    const collections: Collection[] = this.kinds().map((kind) => ({ namespace, kind }));
    const report = await this.sweeper.sweep(collections);
    if (report.owing) await this.arming.rearm(namespace);
    const isQuiet = report.seen === 0;
    const told = { namespace, ...report };
    if (isQuiet) this.log.debug('Swept: nothing was overdue', told);
    else this.log.log(`Swept: ${report.seen} overdue, ${report.dispatched} dispatched`, told);
    return report;
  }
}
