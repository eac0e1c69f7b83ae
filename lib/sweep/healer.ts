import type { Alerts } from '../alert/alerts.js';
import { keyText } from '../datastore/keys.js';
import { readLock, writeLock } from '../datastore/lock-properties.js';
import type { LockStore } from '../datastore/lock-store.js';
import type { Obligations } from '../delivery/obligations.js';
import type { EntityProto } from '../google/datastore-api.js';
import type { Lock } from '../lock/lock.js';
import { isForeign, recover, type Recovery } from '../lock/recover.js';
import type { Terms } from '../lock/terms.js';
import type { Log } from '../system/log.js';
import type { Dispatcher } from '../tasks/dispatcher.js';
import type { EntityAddress } from '../datastore/entity-address.js';
import type { Swept } from './sweep-report.js';

/** Does for one overdue lock what it owes, after another look at it in a transaction. */
export class Healer {
  constructor(
    private readonly store: LockStore,
    private readonly dispatcher: Dispatcher,
    private readonly obligations: Obligations,
    private readonly alerts: Alerts,
    private readonly log: Log,
    private readonly realm: { readonly projectId: string; readonly databaseId: string },
    private readonly terms: Terms,
  ) {}

  /** Never throws: what cannot be healed is logged and stays due. */
  async heal(entity: EntityProto): Promise<Swept> {
    const { projectId, databaseId } = this.realm;
    const address = { projectId, databaseId, key: entity.key ?? {} };
    try {
      return await this.decide(address, readLock(entity));
    } catch (error) {
      this.log.error(`The sweep could not deal with ${keyText(address.key)}; it stays due`, {
        key: keyText(address.key),
        error,
      });
      return 'failed';
    }
  }

  private async decide(address: EntityAddress, seen: Lock | undefined): Promise<Swept> {
    if (!seen || isForeign(seen, address.projectId)) return 'skipped';
    // A silent holder's task may be there for as long as its queue waits for the answer: nothing to wait for.
    const taskExists =
      seen.state === 'ready' && seen.task ? await this.dispatcher.exists(address, seen) : false;
    const observation = { seen, taskExists, project: address.projectId };
    const recovery = await this.store.decide(address.key, ({ entity, lock, now }) => {
      const result = recover(lock, observation, now, this.terms);
      return {
        write: entity && 'lock' in result ? writeLock(entity, result.lock) : undefined,
        result,
      };
    });
    return this.carryOut(address, seen, recovery);
  }

  private async carryOut(address: EntityAddress, seen: Lock, recovery: Recovery): Promise<Swept> {
    switch (recovery.action) {
      case 'skip':
      case 'look later':
        return 'skipped';
      case 'alert':
        return (await this.obligations.alert(address, seen)) ? 'alerted' : 'failed';
      case 'dispatch':
        if (recovery.isStuck) await this.alerts.stuck(address.key, recovery.lock);
        if (!(await this.obligations.dispatch(address, recovery.lock, 'again'))) return 'failed';
        return recovery.lock.state === 'held' ? 'taken' : 'dispatched';
    }
  }
}
