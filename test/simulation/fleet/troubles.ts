import type { Oracle } from '../decisions/oracle.js';
import {
  allDeliveryFates,
  allFates,
  chiefDeliveryFates,
  chiefFates,
  outageOf,
  type CallKind,
  type DeliveryFate,
  type Fate,
} from './fates.js';

type Service = 'Datastore' | 'Cloud Tasks';

const serviceOf: Partial<Record<CallKind, Service>> = {
  read: 'Datastore',
  begin: 'Datastore',
  commit: 'Datastore',
  rollback: 'Datastore',
  create: 'Cloud Tasks',
};

/** Asks the oracle what goes wrong, and keeps count of it. */
export class Troubles {
  /** All that went wrong, delays and duplicates too. */
  count = 0;
  /** Of those, what took something away: calls, processes, tasks. */
  losses = 0;
  /** Whether the chain of sweeps itself was hit: its task was lost, or could not be created. */
  sweepWasHit = false;
  /** Commits that were applied after their caller was told that they had failed. */
  lateCommits = 0;
  private isOver = false;
  private readonly downUntil = new Map<Service, number>();

  constructor(
    private readonly oracle: Oracle,
    private readonly isEnumerated: boolean,
    private readonly now: () => number,
  ) {}

  /** What there was so far, as far as it matters later. */
  get mark(): string {
    const { count, losses, sweepWasHit, lateCommits, isOver } = this;
    return JSON.stringify({ count, losses, sweepWasHit, lateCommits, isOver });
  }

  /** From now on everything goes well. */
  end(): void {
    this.isOver = true;
    this.downUntil.clear();
  }

  get areOver(): boolean {
    return this.isOver;
  }

  /** What becomes of a call, or of the process at a point of a handler's work. */
  fateOf(kind: CallKind | 'work'): Fate {
    if (this.isOver) return 'goes well';
    const service = kind === 'work' ? undefined : serviceOf[kind];
    if (service && this.now() < (this.downUntil.get(service) ?? 0)) return 'fails';
    const fates = (this.isEnumerated ? chiefFates : allFates)[kind];
    const fate = fates[this.oracle.choose('fault', fates)] ?? 'goes well';
    if (fate === 'goes well') return fate;
    this.count++;
    if (fate !== 'slow' && fate !== 'very slow' && fate !== 'aborted') this.losses++;
    if (kind === 'commit' && fate.endsWith('later')) this.lateCommits++;
    const outage = outageOf[fate];
    if (outage === undefined || !service) return fate;
    this.downUntil.set(service, this.now() + outage);
    return 'fails';
  }

  /** What becomes of a task that is due. */
  deliveryFate(isSweep: boolean): DeliveryFate {
    if (this.isOver) return 'is sent';
    const fates = this.isEnumerated ? chiefDeliveryFates : allDeliveryFates;
    const fate = fates[this.oracle.choose('fault', fates)] ?? 'is sent';
    if (fate !== 'is sent') this.count++;
    if (fate === 'is lost for good') {
      this.losses++;
      this.sweepWasHit ||= isSweep;
    }
    return fate;
  }

  /** Whether the answer to a delivery gets lost, so that it is delivered again. */
  losesAnswer(): boolean {
    if (this.isOver || this.oracle.choose('fault', ['is heard', 'is not heard']) === 0)
      return false;
    this.count++;
    return true;
  }
}
