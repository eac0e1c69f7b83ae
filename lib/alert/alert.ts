import type { Key } from '@google-cloud/datastore';

/** What happened to a lock or a task. */
export type AlertType =
  'failed' | 'taken-over' | 'unreadable' | 'ahead' | 'stuck' | 'misconfigured';

/** The alerts there are. */
export const alertTypes: readonly AlertType[] = [
  'failed',
  'taken-over',
  'unreadable',
  'ahead',
  'stuck',
  'misconfigured',
];

/** What somebody should know of. It holds nothing of the entity but its key, unless `details` picks more. */
export interface Alert {
  /**
   * `failed`: a run failed for good. `taken-over`: a lease was taken from a silent holder. `unreadable`: a task was
   * dropped that nobody can read. `ahead`: an entity was turned back. `stuck`: a step is dispatched again and again, and
   * never arrives. `misconfigured`: Cloud Tasks refuses a step's task.
   */
  readonly type: AlertType;
  /** The same for a repeat of the same alert, and for nothing else. */
  readonly id: string;
  /** What happened and what to do, in a sentence or two. */
  readonly message: string;
  /** The entity's key, as text. */
  readonly key?: string;
  readonly kind?: string;
  /** The entity's key, to look it up by. */
  readonly entityKey?: Key;
  readonly run?: string;
  readonly step?: number;
  /** How often the step was attempted. */
  readonly attempts?: number;
  /** How long the last lease had been held, milliseconds. */
  readonly leaseMs?: number;
  /** The error behind it, its first 1,000 characters. */
  readonly error?: string;
  /** Where the log of the run is, in Google Cloud's own console. */
  readonly log?: string;
  /** The chain's page in this package's console, where the option `alerts.console` says where that is. */
  readonly console?: string;
  /** What the option `alerts.details` picked. */
  readonly details?: object;
}

/** What is alerted of, and what else is told. */
export interface AlertOptions {
  /** The alerts that are sent. Default: all. */
  readonly only?: readonly AlertType[] | undefined;
  /** Where the console is that alerts link to, such as `https://orders.example.com/locker`. Default: they do not. */
  readonly console?: string | undefined;
  /** Picks what else an alert tells, of the entity for instance. Should it fail or take too long, the alert goes without. */
  readonly details?: ((alert: Alert) => object | Promise<object>) | undefined;
}

/** Sends alerts to where people see them. */
export interface Alerter {
  /**
   * Resolves when the alert is delivered, or to `'gathered'` when it will be told together with others. What it throws
   * is logged. The alert of a failed run counts as sent only once it is delivered, and is sent again until then, with
   * the same id.
   */
  send(alert: Alert): Promise<void | 'gathered'>;
  /** Delivers what is still gathered; called when the application ends. */
  close?(): Promise<void>;
}
