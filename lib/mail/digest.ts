import type { Alert } from '../alert/alert.js';

/** At most so many alerts wait for one mail; further ones are only counted. */
const most = 1_000;

/** The alerts of one subject that wait for its next mail. */
export class Digest {
  private alerts = new Map<string, Alert>();
  private uncounted = 0;

  /** Adds an alert; a repeat of one that waits already changes nothing. */
  add(alert: Alert): void {
    if (this.alerts.size < most || this.alerts.has(alert.id)) this.alerts.set(alert.id, alert);
    else this.uncounted++;
  }

  /** Those that have not been sent meanwhile, and how many there are beside them. They wait no longer. */
  take(isSent: (id: string) => boolean): { alerts: readonly Alert[]; count: number } {
    const alerts = [...this.alerts.values()].filter(({ id }) => !isSent(id));
    const count = alerts.length + this.uncounted;
    this.alerts = new Map();
    this.uncounted = 0;
    return { alerts, count };
  }
}
