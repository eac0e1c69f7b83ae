import type { Log } from '../system/log.js';
import type { Alert, Alerter } from './alert.js';

/** Writes alerts to the error log, where Cloud Error Reporting and log-based alerting policies see them. */
export class LogAlerter implements Alerter {
  constructor(private readonly log: Log) {}

  send({ message, ...fields }: Alert): Promise<void> {
    this.log.error(message, fields);
    return Promise.resolve();
  }
}
