import type { Clock } from '../system/clock.js';
import type { Log } from '../system/log.js';
import type { Refused } from './admission.js';

/** How often a line is written at most, milliseconds. */
const pause = 60_000;

interface Untold {
  count: number;
  route: string;
}

/**
 * Tells of refused requests: the first at once, further ones once a minute with their number, so that nobody can fill
 * the log. Refusals of what seems to be our own queue are counted apart and told as errors.
 */
export class RefusalLog {
  private readonly untold = new Map<boolean, Untold & { last: Refused }>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** Notes a refusal at a route. */
  note(last: Refused, route: string): void {
    const noted = this.untold.get(last.isOurs);
    if (noted) Object.assign(noted, { count: noted.count + 1, route, last });
    else this.tell(last, { count: 1, route });
  }

  private tell(refusal: Refused, { count, route }: Untold): void {
    const { reason, status, isOurs } = refusal;
    const fields = { route, status, reason, count };
    const many = count === 1 ? 'A request' : `${count} requests`;
    const message = `Refused ${many} to ${route}; the last because ${reason}`;
    if (isOurs) this.log.error(message, fields);
    else this.log.warn(message, fields);
    this.untold.set(isOurs, { count: 0, route, last: refusal });
    this.clock.after(pause, () => this.tellRest(isOurs));
  }

  private tellRest(isOurs: boolean): void {
    const rest = this.untold.get(isOurs);
    this.untold.delete(isOurs);
    if (rest && rest.count > 0) this.tell(rest.last, rest);
  }
}
