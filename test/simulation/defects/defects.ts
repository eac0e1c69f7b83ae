import type { Defect } from './defect.js';

/** Mistakes that somebody could make; those that MODEL and the first simulations found in the design among them. */
export const defects: readonly Defect[] = [
  {
    name: 'the run is not compared',
    file: 'lock/acquire.ts',
    search: `if (lock.run !== delivery.run) return`,
    replace: `if (lock.run === '') return`,
  },
  {
    name: 'a step ahead is run',
    file: 'lock/acquire.ts',
    search: `if (lock.step < delivery.step) return { verdict: 'ahead' };`,
    replace: ``,
  },
  {
    name: 'a step that is over is run',
    file: 'lock/acquire.ts',
    search: `if (lock.step > delivery.step) return`,
    replace: `if (lock.step > delivery.step + 1) return`,
  },
  {
    name: 'a run that has ended is run',
    file: 'lock/acquire.ts',
    search: `if (!lock.active && !lock.awaitsFirstTask) return ended(lock, delivery);`,
    replace: ``,
  },
  {
    name: 'a settle is not fenced',
    file: 'lock/lease.ts',
    search: `lock.leaseId === lease.leaseId && lock.run === lease.run && lock.step === lease.step`,
    replace: `lock.run === lease.run && lock.step === lease.step`,
  },
  {
    name: 'a lease is taken without another look',
    file: 'delivery/acquirer.ts',
    search: `return this.store.decide(request.key, decide);`,
    replace: `const seen = decide(await this.store.peek(request.key));
    return this.store.decide(request.key, () => seen);`,
  },
  {
    name: 'a lease is taken too early',
    file: 'lock/due.ts',
    search: `return since + terms.leaseDuration + clockSkew;`,
    replace: `return since + terms.leaseDuration / 2;`,
  },
  {
    name: 'a lost attempt does not count',
    file: 'lock/acquire.ts',
    search: `tries: lock.tries + 1, error: lost`,
    replace: `tries: lock.tries, error: lost`,
  },
  {
    name: 'the limit is compared with ==',
    file: 'lock/acquire.ts',
    search: `lock.tries >= terms.maxRetries`,
    replace: `lock.tries === terms.maxRetries + 1`,
  },
  {
    name: 'the limit of failures is one too high',
    file: 'lock/settle.ts',
    search: `if (tries > terms.maxRetries) return`,
    replace: `if (tries > terms.maxRetries + 1) return`,
  },
  {
    name: 'the first step is dispatched before its commit',
    file: 'run/starter.ts',
    search: `const { lock, started } = await this.store.decide(key, decide);`,
    replace: `await this.obligations.meet(address, begin(undefined, request, 0, this.terms, '').lock, 'first');
    const { lock, started } = await this.store.decide(key, decide);`,
  },
  {
    name: 'the sequence starts anew with every step',
    file: 'lock/settle.ts',
    search: `step: lock.step + 1,`,
    replace: `step: 1,`,
  },
  {
    name: 'a release stores what the failed attempt changed',
    file: 'delivery/runner.ts',
    search: `await holding.settle(ending.how, ending.move);`,
    replace: `await holding.settle(ending.how, ending.move, holding.tenure.tracked.changes());`,
  },
  {
    name: 'a step that is put back owes nothing',
    file: 'lock/settle.ts',
    search: `    firstNumber: number,
    due: lookAt(at, terms),`,
    replace: `    firstNumber: number,
    due: undefined,`,
  },
  {
    name: 'a failed run owes nothing (C8)',
    file: 'lock/settle.ts',
    search: `due: settlement.now + terms.dispatchGrace,`,
    replace: `due: undefined,`,
  },
  {
    name: 'the name of a task lacks the number',
    file: 'tasks/task-name.ts',
    search: `run, step, number]))`,
    replace: `run, step, number * 0]))`,
  },
  {
    name: 'a plain return after an abort completes',
    file: 'delivery/runner.ts',
    search: `if (lease.holding.standing.state === 'held' && !lease.holding.abortReason)`,
    replace: `if (lease.holding.standing.state === 'held')`,
  },
  {
    name: 'an arrival counts two',
    file: 'lock/arrive.ts',
    search: `arrivals: lock.arrivals - 1`,
    replace: `arrivals: lock.arrivals - 2`,
  },
  {
    name: 'a transaction in doubt is run again',
    file: 'run/transactor.ts',
    search: `if (applied) return applied;`,
    replace: ``,
  },
  {
    name: 'a parent whose time is up waits on',
    file: 'lock/recover.ts',
    search: `const looked = timeUp(lock).with({`,
    replace: `const looked = lock.with({`,
  },
  {
    name: 'the sweep does not arm the next',
    file: 'sweep/recovery.ts',
    search: `if (report.owing) await this.arming.rearm(namespace);`,
    replace: ``,
  },
  {
    name: 'no sweep is armed',
    file: 'sweep/sweep-schedule.ts',
    search: `while (this.isNeeded(namespace)) await this.create(namespace, this.slot + 2);`,
    replace: ``,
  },
  {
    name: 'a sweep that could not be armed is left at that',
    file: 'sweep/sweep-schedule.ts',
    search: `this.clock.after(pause, () => void this.arm(namespace));`,
    replace: ``,
  },
  {
    name: 'a sweep is armed only after a write',
    file: 'datastore/lock-store.ts',
    search: `        await this.arming.arm(namespace);
        const [entity]`,
    replace: `        const [entity]`,
  },
  {
    name: 'a handler starts on a renewal whose answer was late',
    file: 'delivery/runner.ts',
    search: `while (lease.holding.isOld) await lease.renew();`,
    replace: `if (lease.holding.isOld) await lease.renew();`,
  },
  {
    name: 'a transaction in doubt is called lost',
    file: 'delivery/held-lease.ts',
    search: `if (error instanceof OutcomeUnknownError) this.holding.doubt(error);`,
    replace: ``,
  },
  {
    name: 'the sweep looks into one shard only',
    file: 'sweep/sweeper.ts',
    search: `shard < dueShards;`,
    replace: `shard < 1;`,
  },
  {
    name: 'what is due is not in the index',
    file: 'datastore/lock-properties.ts',
    search: `name === 'lock_due' || `,
    replace: ``,
  },
  {
    name: 'the alert is taken for sent before it is',
    file: 'delivery/obligations.ts',
    search: `if (!(await this.alerts.failed(key, lock))) return false;`,
    replace: `void this.alerts.failed(key, lock);`,
  },
  {
    name: 'a retry starts the numbers anew (C11)',
    file: 'lock/operate.ts',
    search: `if (lock.state !== 'failed') return undefined;
  const number = lock.number + 1;`,
    replace: `if (lock.state !== 'failed') return undefined;
  const number = 0;`,
  },
  {
    name: 'a start in doubt is decided against another run (C1)',
    file: 'run/starter.ts',
    search: `if (inDoubt && run !== firstSeen) throw new OutcomeUnknownError(keyText(key));`,
    replace: ``,
  },
  {
    name: 'a cancel in doubt is decided against another run (C1b)',
    file: 'run/operator.ts',
    search: `if (inDoubt && !isSame(lock, firstSeen, operation)) throw new OutcomeUnknownError(text);`,
    replace: ``,
  },
  {
    name: 'a run id is the start id (C2)',
    file: 'run/starter.ts',
    search: `run: this.entropy.id(),`,
    replace: `run: options.startId ? '5'.repeat(32) : this.entropy.id(),`,
  },
  {
    name: 'a start id is not looked at',
    file: 'lock/start.ts',
    search: `lock.startId === request.startId`,
    replace: `lock.startId === 'nobody'`,
  },
  {
    name: 'a run is replaced unasked',
    file: 'lock/start.ts',
    search: `if (lock?.active && request.onActive !== 'replace')`,
    replace: `if (lock?.active && request.onActive === 'join')`,
  },
  {
    name: 'what was put back is not superseded (C3)',
    file: 'lock/acquire.ts',
    search: `if (delivery.number < lock.firstNumber)`,
    replace: `if (delivery.number < 0)`,
  },
  {
    name: 'a task is created without its time',
    file: 'tasks/dispatcher.ts',
    search: `...(task.at !== undefined && { scheduleTime: timestamp(task.at) }),`,
    replace: ``,
  },
  {
    name: 'the sweep keeps a dead lease young (C4)',
    file: 'lock/recover.ts',
    search: `const looked = timeUp(lock).with({`,
    replace: `const looked = timeUp(lock).with({ timestamp: now,`,
  },
  {
    name: 'a step is handed back while its handler runs (C5)',
    file: 'delivery/runner.ts',
    search: `if (failure instanceof AbandonedError) return holding.stop();`,
    replace: ``,
  },
  {
    name: 'a handler starts on an old lease (C6)',
    file: 'delivery/runner.ts',
    search: `while (lease.holding.isOld) await lease.renew();`,
    replace: ``,
  },
  {
    name: 'a settle leaves no id (C7)',
    file: 'lock/settle.ts',
    search: `settledBy: leaseId,`,
    replace: ``,
  },
  {
    name: 'a settle in doubt is called lost (C7)',
    file: 'delivery/lease-writer.ts',
    search: `throw inDoubt ? new OutcomeUnknownError(key) : new LeaseLostError(key, this.lease.step);`,
    replace: `throw new LeaseLostError(key, this.lease.step);`,
  },
  {
    name: 'a lease that was given up is renewed on',
    file: 'delivery/lease-watch.ts',
    search: `this.isStopped = true;`,
    replace: ``,
  },
  {
    name: 'a settle stores all properties, those of others too',
    file: 'delivery/lease-writer.ts',
    search: `write: writeLock(overlay(entity, changes), moved),`,
    replace: `write: writeLock(overlay(entity, this.tracked.properties()), moved),`,
  },
  {
    name: 'a renewal leaves the old due time',
    file: 'lock/lease.ts',
    search: `return renewed.with({ due: takeableAt(renewed, terms) });`,
    replace: `return renewed;`,
  },
  {
    name: 'what is run now keeps its number',
    file: 'lock/operate.ts',
    search: `const number = lock.number + 1;
  return timeUp(lock).with({`,
    replace: `const number = lock.number;
  return timeUp(lock).with({`,
  },
  {
    name: 'a release by hand looks like a settle',
    file: 'lock/operate.ts',
    search: `return end(lock, releasedByHand, { leaseId: operationId, now }, terms);`,
    replace: `return end(lock, releasedByHand, { leaseId: lock.leaseId, now }, terms);`,
  },
  {
    name: 'what is dispatched again is forgotten by the sweep',
    file: 'lock/operate.ts',
    search: `const due = lock.state === 'held' && (lock.due ?? 0) > now ? lock.due : lookAt(at, terms);`,
    replace: `const due = undefined;`,
  },
  {
    name: 'a transaction that decides nothing stays open',
    file: 'datastore/transactions.ts',
    search: `await transaction.rollback();`,
    replace: ``,
  },
];
