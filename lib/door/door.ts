import type { Headers } from '../tasks/task-request.js';
import type { Admission, Check } from './admission.js';
import type { RefusalLog } from './refusal-log.js';

/** Where every request to a route of this package is let in or refused, before anything is read of Datastore. */
export class Door {
  constructor(
    private readonly check: Check,
    private readonly refusals: RefusalLog,
    /** Whether tasks are run at all, or the application only stands by. */
    readonly isOpen: boolean,
  ) {}

  /** @param route for the log */
  async admit(headers: Headers, route: string): Promise<Admission> {
    const admission = await this.check(headers);
    if (admission.verdict === 'refused') this.refusals.note(admission, route);
    return admission;
  }
}
