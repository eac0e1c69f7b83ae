/** What somebody should know of. */
export interface Alert {
  readonly type: 'failed' | 'taken-over' | 'unreadable' | 'ahead' | 'stuck' | 'misconfigured';
  /** The same for a repeat of the same alert, and for nothing else. */
  readonly id: string;
  /** What happened and what to do, in a sentence or two. */
  readonly message: string;
  /** The entity's key, as text. */
  readonly key?: string;
  readonly run?: string;
  readonly step?: number;
  /** How often the step was attempted. */
  readonly attempts?: number;
  /** The error behind it, its first 1,000 characters. */
  readonly error?: string;
}

/** Sends alerts to where people see them. */
export interface Alerter {
  /** Resolves when the alert is delivered. What it throws is logged; a failure's alert is then sent again later. */
  send(alert: Alert): Promise<void>;
}
