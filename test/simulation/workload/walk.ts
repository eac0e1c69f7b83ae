import type { HeldLease } from '../../../lib/delivery/held-lease.js';
import { PermanentTaskError, RetryTaskError } from '../../../lib/locked-task.errors.js';
import type { LockerService } from '../../../lib/locker.service.js';
import type { Oracle } from '../decisions/oracle.js';
import { Chain, halfMade, traceOf } from './chain.js';
import { taskNames } from './directory.js';
import type { Relations } from './relations.js';

/** What a handler has to work with. */
export interface Hands {
  readonly service: LockerService;
  readonly oracle: Oracle;
  /** Works for a while; its process may die or stall meanwhile. */
  readonly work: (what: string, ms: number) => Promise<void>;
  readonly relations: Relations;
  /** Whether everything is to go well from now on. */
  readonly isCalm: () => boolean;
}

type Manner = (chain: Chain, lease: HeldLease, hands: Hands) => unknown;

/** The task of the step after this one, of another kind each time; undefined: this is the last. */
function nextTask(chain: Chain, lease: HeldLease): string | undefined {
  if (lease.step >= chain.steps) return undefined;
  return chain.steps > 2 ? (taskNames[lease.step % taskNames.length] ?? 'walk') : 'walk';
}

/** Goes on to the next step, or ends; a child tells its parent. */
function goOn(
  chain: Chain,
  lease: HeldLease,
  { relations }: Hands,
  next = (task: string) => lease.next(task),
): unknown {
  chain.trail.push(traceOf(lease.run, lease.step));
  const task = nextTask(chain, lease);
  if (task !== undefined) return next(task);
  return chain.parent && relations.completeChild(chain.parent);
}

function spoil(chain: Chain): void {
  chain.trail.push(halfMade);
  chain.saved = -1;
}

/** All the ways in which a handler may go about its step. */
const manners: Readonly<Record<string, Manner>> = {
  'goes on': (chain, lease, hands) => goOn(chain, lease, hands),
  'goes on without waiting': (chain, lease, hands) => {
    if (nextTask(chain, lease) === undefined) return goOn(chain, lease, hands);
    void goOn(chain, lease, hands);
    return undefined;
  },
  'goes on later': (chain, lease, hands) =>
    goOn(chain, lease, hands, (task) => lease.next(task, { delay: '2m' })),
  'goes on through the service': (chain, lease, hands) =>
    goOn(chain, lease, hands, (task) => hands.service.schedule(lease.key, chain, task)),
  throws: (chain) => {
    spoil(chain);
    throw new Error('the handler threw');
  },
  'goes on and throws': async (chain, lease, hands) => {
    await goOn(chain, lease, hands);
    if (lease.step < chain.steps) throw new Error('the handler threw after its settle');
  },
  'goes on twice': async (chain, lease, hands) => {
    await goOn(chain, lease, hands);
    if (lease.step < chain.steps) await lease.complete();
  },
  'refuses for good': (chain) => {
    spoil(chain);
    throw new PermanentTaskError('never');
  },
  'asks for another time': (chain) => {
    spoil(chain);
    throw new RetryTaskError('not now', { delay: '90s' });
  },
  'saves and goes on': async (chain, lease, hands) => {
    chain.saved++;
    await lease.save();
    await hands.work('goes on after its save', 0);
    return goOn(chain, lease, hands);
  },
  'saves and throws': async (chain, lease) => {
    chain.saved++;
    await lease.save();
    spoil(chain);
    throw new Error('the handler threw after its save');
  },
  'renews and goes on': async (chain, lease, hands) => {
    await lease.renew();
    return goOn(chain, lease, hands);
  },
  'works for 40 s': async (chain, lease, hands) => {
    await hands.work('works for 40 s', 40_000);
    return goOn(chain, lease, hands);
  },
  'works for 3 min': async (chain, lease, hands) => {
    await hands.work('works for 3 min', 90_000);
    await hands.work('works on', 90_000);
    return goOn(chain, lease, hands);
  },
  'works until its time is over': async (chain, lease, hands) => {
    while (!lease.signal.aborted) await hands.work('works on', 20_000);
    await hands.work('puts its tools away', 1_000);
    spoil(chain);
  },
  'swallows what its settle throws': async (chain, lease, hands) => {
    try {
      await goOn(chain, lease, hands);
    } catch {
      // As careless code does.
    }
  },
  'completes early': async (chain, lease) => {
    chain.trail.push(traceOf(lease.run, lease.step));
    await lease.complete();
  },
  'starts a child': async (chain, lease, hands) => {
    if (!chain.parent) await hands.relations.startChild(lease, 1);
    return goOn(chain, lease, hands);
  },
  'waits for two children': async (chain, lease, hands) => {
    if (chain.parent || nextTask(chain, lease) === undefined) return goOn(chain, lease, hands);
    await hands.relations.startChild(lease, 1);
    await hands.relations.startChild(lease, 2);
    return goOn(chain, lease, hands, (task) => lease.next(task, { waitFor: 2, within: '10m' }));
  },
  'goes on in a transaction': (chain, lease, hands) => {
    if (chain.parent) return goOn(chain, lease, hands);
    chain.trail.push(traceOf(lease.run, lease.step));
    return hands.relations.goOn(nextTask(chain, lease));
  },
  'goes on and writes another entity': (chain, lease, hands) => {
    if (chain.parent) return goOn(chain, lease, hands);
    chain.trail.push(traceOf(lease.run, lease.step));
    return hands.relations.goOnAndTouch(nextTask(chain, lease), `other of ${lease.key.name}`);
  },
  'goes on and starts another entity': (chain, lease, hands) => {
    if (chain.parent || lease.key.name?.startsWith('other')) return goOn(chain, lease, hands);
    chain.trail.push(traceOf(lease.run, lease.step));
    return hands.relations.goOnAndStart(nextTask(chain, lease), `other of ${lease.key.name}`);
  },
};
const names = Object.keys(manners);

/** The handler of every task: how it goes about it, is the oracle's to say. */
export async function walk(chain: Chain, lease: HeldLease, hands: Hands): Promise<void> {
  const { oracle, work, isCalm } = hands;
  const manner = isCalm() ? 0 : oracle.choose('work', names);
  const name = names[manner] ?? 'goes on';
  await work(`handler: step ${lease.step}, attempt ${lease.attempt}: ${name}`, 0);
  await manners[name]?.(chain, lease, hands);
}
