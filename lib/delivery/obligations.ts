import { keyText } from '../datastore/keys.js';
import { writeLock } from '../datastore/lock-properties.js';
import type { LockStore } from '../datastore/lock-store.js';
import type { Alerts } from '../alert/alerts.js';
import type { Lock } from '../lock/lock.js';
import { alertSent } from '../lock/operate.js';
import { TaskNotDispatchedError } from '../locker.errors.js';
import type { Log } from '../system/log.js';
import type { Dispatcher } from '../tasks/dispatcher.js';
import type { EntityAddress } from '../datastore/entity-address.js';

/** Does what a committed lock owes: the task of a ready step, the alert of a failed run. */
export class Obligations {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly alerts: Alerts,
    private readonly store: LockStore,
    private readonly log: Log,
  ) {}

  /**
   * Resolves to whether the chain can go on; never throws. What could not be done stays owed: redelivery or the sweep
   * does it. An alert that could not be sent is the sweep's: it keeps no chain from going on, and changes no answer.
   *
   * @param how `first`: nobody has tried before
   */
  async meet(address: EntityAddress, lock: Lock, how: 'first' | 'again'): Promise<boolean> {
    try {
      if (lock.state === 'ready') return await this.dispatch(address, lock, how);
      if (lock.state === 'failed' && lock.due !== undefined) await this.alert(address, lock);
      return true;
    } catch (error) {
      const key = keyText(address.key);
      this.log.warn(`What ${key} owes could not be done yet`, { key, run: lock.run, error });
      return false;
    }
  }

  /** Creates the task of the present step. */
  async dispatch(address: EntityAddress, lock: Lock, how: 'first' | 'again'): Promise<boolean> {
    try {
      await this.dispatcher.dispatch(address, lock, how);
      return true;
    } catch (error) {
      if (!(error instanceof TaskNotDispatchedError)) throw error;
      const { key, message, isMisconfigured } = error;
      if (isMisconfigured) await this.alerts.misconfigured(address.key, lock, message);
      else this.log.warn(message, { key, run: lock.run, step: lock.step });
      return false;
    }
  }

  /**
   * Sends the alert of a failed run, which the lock owes until then, so that it survives this instance. Resolves to
   * whether it is sent; never throws.
   */
  async alert({ key }: EntityAddress, lock: Lock): Promise<boolean> {
    if (!(await this.alerts.failed(key, lock))) return false;
    try {
      await this.store.decide(key, ({ entity, lock: stored }) => {
        // A retried run that has failed again owes an alert of its own.
        const isSame = stored?.run === lock.run && stored.settledBy === lock.settledBy;
        const isOwed = stored?.state === 'failed' && isSame;
        return {
          write: entity && isOwed ? writeLock(entity, alertSent(stored)) : undefined,
          result: undefined,
        };
      });
      return true;
    } catch (error) {
      const text = keyText(key);
      this.log.warn(`The alert of ${text} was sent, but that could not be stored`, {
        key: text,
        error,
      });
      return false;
    }
  }
}
