import type { Alerts } from '../alert/alerts.js';
import type { LockedEntity } from '../entity/entity-class.js';
import type { EntityTracker } from '../entity/entity-tracker.js';
import type { Grant } from '../lock/acquire.js';
import { LockerError } from '../locker.errors.js';
import type { DeliveryEnd } from '../system/telemetry.js';
import type { TaskDefinition } from '../tasks/task-directory.js';
import type { TaskPlanner } from '../tasks/task-planner.js';
import type { TaskRequest } from '../tasks/task-request.js';
import type { Acquirer, Acquisition, DeliveredTask } from './acquirer.js';
import { answerOf, answerTo, closing, type Answer } from './answer.js';
import { factsOf, partOf } from './delivery-facts.js';
import { AbandonedError, type Departure } from './departure.js';
import type { DeliveryLog } from './delivery-log.js';
import { endingOf } from './ending.js';
import { HeldLease } from './held-lease.js';
import { Holding, type HoldingTools } from './holding.js';
import type { LeaseTable } from './lease-table.js';

/** What of the options a delivery goes by. */
export interface RunnerSettings {
  /** How long a request may take before it is cut off, milliseconds. */
  readonly requestTimeout: number;
  /** The answer that makes the queue deliver again without slowing down. */
  readonly busyStatus: number;
}

/** Runs the handler of a step. */
export type Handle = (entity: LockedEntity, lease: HeldLease) => Promise<unknown>;

/** One delivery of a task, as its route received it. */
export interface Arrival {
  readonly definition: TaskDefinition;
  readonly request: TaskRequest;
  readonly delivered: DeliveredTask;
}

/** What a delivery came to. */
interface Delivered extends DeliveryEnd {
  readonly answer: Answer;
}

/** Takes deliveries from their arrival to their answer. */
export class Runner {
  constructor(
    private readonly acquirer: Acquirer,
    private readonly leases: LeaseTable,
    private readonly departure: Departure,
    private readonly tools: HoldingTools,
    private readonly planner: TaskPlanner,
    private readonly alerts: Alerts,
    private readonly deliveries: DeliveryLog,
    private readonly tracker: EntityTracker,
    private readonly settings: RunnerSettings,
  ) {}

  /**
   * One delivery: acquire the lease on its step, or answer what the lock says; run the handler; settle what it left
   * unsettled; answer by how the lease stands. An attempt that failed and is released ends with the handler's error.
   */
  async deliver(arrival: Arrival, handle: Handle): Promise<Answer> {
    const { clock, telemetry } = this.tools;
    const arrivedAt = clock.now();
    const { answer, failure } = await telemetry.delivery(factsOf(arrival, arrivedAt), () =>
      this.run(arrival, handle, arrivedAt),
    );
    if (answer.outcome === 'released') throw failure;
    return answer;
  }

  private async run(arrival: Arrival, handle: Handle, arrivedAt: number): Promise<Delivered> {
    const { clock } = this.tools;
    if (this.departure.isUnderWay) return this.close(arrival);
    const acquisition = await this.acquire(arrival);
    if ('status' in acquisition) return unrun(acquisition);
    if ('refusal' in acquisition) return unrun(await this.refuse(arrival, acquisition));

    const leaseWaitMs = clock.now() - arrivedAt;
    this.deliveries.acquired(arrival.request, acquisition.grant);
    const { lease, entity, flaw } = this.hold(arrival, acquisition, arrivedAt);
    this.leases.add(entity, lease);
    const told = this.tell(arrival, acquisition.grant);
    const failure = flaw ?? (await this.execute(lease, entity, handle));
    await this.conclude(arrival, lease, failure);
    this.leases.remove(entity);
    await told;

    const isTakeover = acquisition.grant.verdict === 'taken-over';
    const attempt = { number: lease.attempt, isTakeover, leaseWaitMs };
    if (failure instanceof AbandonedError)
      return { ...unrun(closing(this.settings.busyStatus)), attempt, failure };
    const answer = answerOf(lease.holding.standing, this.settings.busyStatus);
    this.deliveries.ran(arrival.request, lease.attempt, clock.now() - arrivedAt, answer);
    return { answer, outcome: answer.outcome, attempt, failure };
  }

  private close({ request }: Arrival): Delivered {
    const answer = closing(this.settings.busyStatus);
    this.deliveries.dropped(request, answer);
    return unrun(answer);
  }

  /** Fail closed: where the lock cannot be read, nothing runs. */
  private async acquire(arrival: Arrival): Promise<Acquisition | Answer> {
    const { definition, request, delivered } = arrival;
    try {
      return await this.tools.telemetry.part(partOf(definition, 'acquire'), () =>
        this.acquirer.acquire(definition, request, delivered),
      );
    } catch (error) {
      if (!(error instanceof LockerError)) throw error;
      this.deliveries.undecided(request, error);
      return { status: error.status, outcome: error.code, reason: error.message };
    }
  }

  private async refuse(
    { request }: Arrival,
    { refusal, lock }: Extract<Acquisition, { refusal: unknown }>,
  ): Promise<Answer> {
    const isOwed = refusal.verdict === 'failed' || ('owed' in refusal && refusal.owed);
    const met = lock && isOwed ? await this.tools.obligations.meet(request, lock, 'again') : true;
    if (lock && refusal.verdict === 'ahead')
      await this.alerts.ahead(request.key, lock, request.step);
    const answer = answerTo(refusal, met, this.settings.busyStatus);
    this.deliveries.dropped(request, answer, isOwed);
    return answer;
  }

  /** Of a takeover, while the handler runs: telling must not hold it up. */
  private async tell({ request }: Arrival, { verdict, lock }: Grant): Promise<void> {
    if (verdict === 'taken-over') await this.alerts.takenOver(request.key, lock);
  }

  private hold(
    { definition, request }: Arrival,
    { grant, entity }: Extract<Acquisition, { grant: unknown }>,
    acquiredAt: number,
  ): { lease: HeldLease; entity: LockedEntity; flaw: unknown } {
    const { lock } = grant;
    const { tracked, flaw } = this.tracker.attempt(definition.entity, entity, lock);
    const deadline = acquiredAt + this.settings.requestTimeout;
    const { queue } = request;
    const tenure = { address: request, definition, lock, tracked, queue, acquiredAt, deadline };
    const holding = new Holding(tenure, this.tools);
    const lease = new HeldLease(holding, this.planner, this.tools.clock);
    return { lease, entity: tracked.instance, flaw };
  }

  /** Runs the handler; a plain return completes the run. Resolves to what the attempt failed by, if it did. */
  private async execute(lease: HeldLease, entity: LockedEntity, handle: Handle): Promise<unknown> {
    try {
      // The answer to a renewal may be late as well.
      while (lease.holding.isOld) await lease.renew();
      if (this.departure.isUnderWay) lease.holding.abort('shutdown');
      else await this.departure.orAbandoned(this.handle(lease, entity, handle));
      await lease.holding.idle();
      if (lease.failure !== undefined) return lease.failure;
      if (lease.holding.standing.state === 'held' && !lease.holding.abortReason)
        await lease.complete();
      return lease.holding.standing.state === 'settled' ? undefined : lease.holding.abortReason;
    } catch (error) {
      await lease.holding.idle();
      return error ?? new Error('The handler threw nothing.');
    }
  }

  private handle(lease: HeldLease, entity: LockedEntity, handle: Handle): Promise<unknown> {
    const part = partOf(lease.holding.tenure.definition, 'handler');
    const work = () => handle(entity, lease);
    return this.tools.telemetry.part(part, () => this.leases.under(lease, work));
  }

  /** Settles what is unsettled. Where that does not succeed, the lease stays held and will be taken over. */
  private async conclude(arrival: Arrival, lease: HeldLease, failure: unknown): Promise<void> {
    const { request, definition } = arrival;
    const { holding } = lease;
    // Its handler still runs, so nobody else may: the lease stays held until it is taken over.
    if (failure instanceof AbandonedError) return holding.stop();
    if (holding.standing.state === 'settled') {
      if (failure !== undefined) this.deliveries.threwLate(request, failure);
      return;
    }
    const ending = endingOf(failure, holding.abortReason, definition.terms);
    try {
      if (holding.standing.state === 'held') await holding.settle(ending.how, ending.move);
    } catch (error) {
      this.deliveries.unsettled(request, ending.how, error);
    } finally {
      holding.stop();
    }
    const { outcome } = answerOf(holding.standing, this.settings.busyStatus);
    this.deliveries.threw(request, lease.attempt, outcome, failure);
  }
}

/** A delivery that ran nothing. */
function unrun(answer: Answer): Delivered {
  return { answer, outcome: answer.outcome };
}
