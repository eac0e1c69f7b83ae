import type { Log } from '../system/log.js';
import type { Alert, Alerter } from './alert.js';

/** Writes alerts to the error log, where Cloud Error Reporting and log-based alerting policies see them. */
export class LogAlerter implements Alerter {
  constructor(private readonly log: Log) {}

  send({ message, ...fields }: Alert): Promise<void> {
    // The key is there as text already.
    this.log.error(message, { ...fields, entityKey: undefined });
    return Promise.resolve();
  }
}
