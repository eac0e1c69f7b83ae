import type { Clock } from '../system/clock.js';
import type { Log } from '../system/log.js';
import { withinTime } from '../system/time-limit.js';
import type { Finding, Probe, Question } from './probe.js';
import { RecentIds } from '../system/recent-ids.js';

/** How long one probe may take, and how long all of them together, milliseconds. */
const limits = { probe: 3_000, together: 5_000 };

/** Finds out whether the request that holds a lease has ended: the first probe that knows anything decides. */
export class Evidence {
  private readonly ended = new RecentIds(1_000);

  constructor(
    private readonly probes: readonly Probe[],
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Never throws, and takes no longer than five seconds. Before the lease is over only those probes are asked that
   * cost nothing, since what proves an end may be seen but once, and is remembered.
   */
  async of(question: Question, isOver: boolean): Promise<Finding> {
    const { leaseId } = question.lock;
    if (this.ended.has(leaseId)) return 'ended';
    const lastMoment = this.clock.now() + limits.together;
    for (const probe of this.probes) {
      if (!isOver && !probe.isFree) continue;
      const finding = await this.ask(probe, question, lastMoment);
      if (finding === 'ended') this.ended.add(leaseId);
      if (finding !== 'unknown') return finding;
    }
    return 'unknown';
  }

  private async ask(probe: Probe, question: Question, lastMoment: number): Promise<Finding> {
    const limit = Math.min(limits.probe, lastMoment - this.clock.now());
    if (limit <= 0) return 'unknown';
    try {
      return await withinTime(this.clock, limit, Promise.resolve(probe.ask(question)));
    } catch (error) {
      this.log.debug(`The probe "${probe.name}" could not tell whether a request has ended`, {
        error,
      });
      return 'unknown';
    }
  }
}
