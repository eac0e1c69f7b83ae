import type { Lock } from '../lock/lock.js';
import type { Log } from '../system/log.js';
import type { Alert, Alerter } from './alert.js';

/** Tells people, in words, what happened to a lock. What cannot be sent is logged; it changes no task's answer. */
export class Alerts {
  constructor(
    private readonly alerter: Alerter,
    private readonly log: Log,
  ) {}

  /** A run failed for good. Resolves to whether somebody was told. */
  failed(key: string, lock: Lock): Promise<boolean> {
    return this.send('failed', key, lock, {
      message: `The run on ${key} failed at step ${lock.step} after ${lock.tries} attempts, and waits for a retry or a new run: ${lock.error ?? 'no error is recorded'}`,
    });
  }

  /** A lease was taken from a holder that neither settled nor renewed it. */
  takenOver(key: string, lock: Lock): Promise<boolean> {
    return this.send('taken-over', key, lock, {
      message: `Step ${lock.step} of ${key} was taken over from a holder that had gone silent; attempt ${lock.tries + 1} begins. Effects outside Datastore may happen again.`,
    });
  }

  /** A task is for a step that the entity has not reached. */
  ahead(key: string, lock: Lock, step: number): Promise<boolean> {
    return this.send('ahead', key, lock, {
      id: `${lock.run}:${step}:ahead`,
      message: `A task for step ${step} of ${key} was dropped, because the entity says step ${lock.step}: it was turned back, by a restored backup or by a save outside LockerService.`,
    });
  }

  /** A step's task cannot be created with today's configuration. */
  misconfigured(key: string, lock: Lock, reason: string): Promise<boolean> {
    return this.send('misconfigured', key, lock, { message: reason });
  }

  /** The sweep has dispatched a step several times, and nobody took it up. */
  stuck(key: string, lock: Lock): Promise<boolean> {
    return this.send('stuck', key, lock, {
      message: `Step ${lock.step} of ${key} was dispatched ${lock.missed} times and never arrived. Look at queue "${lock.task?.queue ?? ''}", at the target's address, and at what the guard refuses.`,
    });
  }

  /** A task of the queue cannot be read, and was dropped. */
  unreadable(message: string, task: string): Promise<boolean> {
    return this.deliver({ type: 'unreadable', id: `unreadable:${task}`, message });
  }

  private send(
    type: Alert['type'],
    key: string,
    { run, step, tries, error }: Lock,
    alert: Partial<Alert> & { message: string },
  ): Promise<boolean> {
    const id = `${run}:${step}:${tries}:${type}`;
    return this.deliver({
      type,
      id,
      key,
      run,
      step,
      attempts: tries,
      ...(error && { error }),
      ...alert,
    });
  }

  private async deliver(alert: Alert): Promise<boolean> {
    try {
      await this.alerter.send(alert);
      return true;
    } catch (error) {
      this.log.error(`An alert could not be sent: ${alert.message}`, { error });
      return false;
    }
  }
}
