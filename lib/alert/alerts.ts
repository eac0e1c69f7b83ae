import { keyFromProto, keyText, kindOf } from '../datastore/keys.js';
import type { KeyProto } from '../google/datastore-api.js';
import type { Lock } from '../lock/lock.js';
import type { Clock } from '../system/clock.js';
import type { Log } from '../system/log.js';
import { withinTime } from '../system/time-limit.js';
import type { Alert, Alerter, AlertOptions, AlertType } from './alert.js';
import { LogAlerter } from './log-alerter.js';

/** How long an alert may hold up a delivery, milliseconds: once for its details, once for being sent. */
const limits = { details: 2_000, send: 5_000 };

/**
 * Tells people, in words, what happened to a lock. Never throws, and never takes long: what cannot be sent is logged and
 * counted, and changes no task's answer.
 */
export class Alerts {
  private unsent = 0;

  constructor(
    private readonly alerter: Alerter,
    private readonly log: Log,
    private readonly clock: Clock,
    private readonly projectId: string,
    private readonly options: AlertOptions,
  ) {}

  /** A run failed for good. Resolves to whether somebody was told. */
  failed(key: KeyProto, lock: Lock): Promise<boolean> {
    return this.send('failed', key, lock, {
      message: `The run on ${keyText(key)} failed at step ${lock.step} after ${lock.tries} attempts, and waits for a retry or a new run: ${lock.error ?? 'no error is recorded'}`,
    });
  }

  /** A lease was taken from a holder that neither settled nor renewed it. */
  takenOver(key: KeyProto, lock: Lock): Promise<boolean> {
    return this.send('taken-over', key, lock, {
      message: `Step ${lock.step} of ${keyText(key)} was taken over from a holder that had gone silent; attempt ${lock.tries + 1} begins. Effects outside Datastore may happen again.`,
    });
  }

  /** A task is for a step that the entity has not reached. */
  ahead(key: KeyProto, lock: Lock, step: number): Promise<boolean> {
    return this.send('ahead', key, lock, {
      id: `${lock.run}:${step}:ahead`,
      message: `A task for step ${step} of ${keyText(key)} was dropped, because the entity says step ${lock.step}: it was turned back, by a restored backup or by a save outside LockerService.`,
    });
  }

  /** A step's task cannot be created with today's configuration. */
  misconfigured(key: KeyProto, lock: Lock, reason: string): Promise<boolean> {
    return this.send('misconfigured', key, lock, { message: reason });
  }

  /** The sweep has dispatched a step several times, and nobody took it up. */
  stuck(key: KeyProto, lock: Lock): Promise<boolean> {
    return this.send('stuck', key, lock, {
      message: `Step ${lock.step} of ${keyText(key)} was dispatched ${lock.missed} times and never arrived. Look at queue "${lock.task?.queue ?? ''}", at the target's address, and at what the guard refuses.`,
    });
  }

  /** A task of the queue cannot be read, and was dropped. */
  unreadable(message: string, task: string): Promise<boolean> {
    // No lock remembers it, so the error log does, whoever else is told.
    if (!(this.alerter instanceof LogAlerter)) this.log.error(message, { task });
    return this.deliver({ type: 'unreadable', id: `unreadable:${task}`, message });
  }

  /** The application ends. */
  async close(): Promise<void> {
    try {
      await withinTime(this.clock, limits.send, this.alerter.close?.() ?? Promise.resolve());
    } catch (error) {
      this.log.error('Alerts that were still gathered could not be sent', { error });
    }
  }

  private send(
    type: AlertType,
    key: KeyProto,
    { run, step, tries, error, history }: Lock,
    alert: Partial<Alert> & { message: string },
  ): Promise<boolean> {
    const leaseMs = history.at(-1)?.ms;
    const text = keyText(key);
    return this.deliver({
      type,
      id: `${run}:${step}:${tries}:${type}`,
      key: text,
      kind: kindOf(key),
      entityKey: keyFromProto(key),
      run,
      step,
      attempts: tries,
      ...(leaseMs !== undefined && { leaseMs }),
      ...(error && { error }),
      ...(run && { log: logOf(run, this.projectId) }),
      ...(this.options.console && { console: pageOf(text, this.options.console) }),
      ...alert,
    });
  }

  private async deliver(alert: Alert): Promise<boolean> {
    const { only } = this.options;
    if (only && !only.includes(alert.type)) return true;
    try {
      const whole = await this.withDetails(alert);
      const sent = await withinTime(this.clock, limits.send, this.alerter.send(whole));
      return sent !== 'gathered';
    } catch (error) {
      this.unsent++;
      const fields = { type: alert.type, id: alert.id, unsent: this.unsent, error };
      this.log.error(`An alert could not be sent: ${alert.message}`, fields);
      return false;
    }
  }

  private async withDetails(alert: Alert): Promise<Alert> {
    const { details } = this.options;
    if (!details) return alert;
    try {
      const picked = Promise.resolve().then(() => details(alert));
      return { ...alert, details: await withinTime(this.clock, limits.details, picked) };
    } catch (error) {
      this.log.warn('The details of an alert could not be had; it goes without', {
        id: alert.id,
        error,
      });
      return alert;
    }
  }
}

/** A chain's page. */
function pageOf(key: string, console: string): string {
  return `${console.replace(/\/$/, '')}#/chain?key=${encodeURIComponent(key)}`;
}

/** The log's entries of a run. */
function logOf(run: string, projectId: string): string {
  const query = encodeURIComponent(`"${run}"`);
  return `https://console.cloud.google.com/logs/query;query=${query}?project=${projectId}`;
}
