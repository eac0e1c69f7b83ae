import { Status } from '../../google/status.js';
import { type Clock, sleep } from '../../system/clock.js';
import type { CallHooks } from '../calls.js';
import { RpcError } from '../rpc-error.js';
import type { ServiceName } from '../tap.js';
import type { DispatchHooks, DispatchPlan } from '../tasks/dispatch-hooks.js';
import type { OutgoingRequest, OutgoingResponse, Send } from '../tasks/target-request.js';
import { type CallFault, type DispatchFault, type Fault, isCallFault } from './fault.js';
import { FaultRules } from './fault-rules.js';
import { seededRandom } from './seeded-random.js';

type Of<F extends Fault, Name extends F['fault']> = Extract<F, { fault: Name }>;

/** The emulator's switches for trouble, repeatable by their seed. */
export class Faults implements CallHooks, DispatchHooks {
  private readonly calls: FaultRules<CallFault>;
  private readonly dispatches: FaultRules<DispatchFault>;
  private random: () => number;
  private isHeld = false;

  constructor(
    private readonly clock: Clock,
    private readonly seed: number,
    /** Called when dispatching may go on. */
    private readonly released: () => void,
  ) {
    this.random = seededRandom(seed);
    this.calls = new FaultRules(() => this.random());
    this.dispatches = new FaultRules(() => this.random());
  }

  /** The rules in force. */
  get rules(): Fault[] {
    return [...this.calls.all, ...this.dispatches.all];
  }

  /** Adds a rule; the returned function takes it out again. Several that strike the same call or dispatch add up. */
  add(fault: Fault): () => void {
    return isCallFault(fault) ? this.calls.add(fault) : this.dispatches.add(fault);
  }

  /** Takes out every rule and lets dispatching go on. */
  clear(): void {
    this.calls.clear();
    this.dispatches.clear();
    this.release();
  }

  /** As {@link clear}, and the random choices begin again from the seed. */
  reset(): void {
    this.random = seededRandom(this.seed);
    this.clear();
  }

  /** Stops all dispatching until {@link release}; attempts under way go on. */
  hold(): void {
    this.isHeld = true;
  }

  /** Lets dispatching go on after {@link hold}. */
  release(): void {
    this.isHeld = false;
    this.released();
  }

  held(): boolean {
    return this.isHeld;
  }

  async around(
    service: ServiceName,
    method: string,
    apply: () => Promise<object>,
  ): Promise<object> {
    const struck = this.calls.strike(
      (fault): fault is CallFault =>
        (fault.service ?? service) === service && (fault.method ?? method) === method,
    );
    if (struck.length === 0) return apply();
    for (const fault of only(struck, 'delay-call')) await sleep(this.clock, fault.ms);
    for (const fault of only(struck, 'fail-before')) throw failure(fault, method);
    const response = await apply();
    for (const fault of only(struck, 'delay-answer')) await sleep(this.clock, fault.ms);
    for (const fault of only(struck, 'fail-after')) throw failure(fault, method);
    return response;
  }

  plan(task: string): DispatchPlan {
    const struck = this.strike(task, ['delay', 'reorder', 'lose', 'deliver-twice']);
    if (only(struck, 'lose').length > 0) return { type: 'lose' };
    const delays = only(struck, 'delay').map(({ ms }) => ms);
    const detours = only(struck, 'reorder').map(({ withinMs }) => this.random() * withinMs);
    const ms = [...delays, ...detours].reduce((sum, delay) => sum + delay, 0);
    const copiesAfterMs = only(struck, 'deliver-twice').map(({ afterMs = 0 }) => afterMs);
    return { type: 'dispatch', delayMs: Math.round(ms), copiesAfterMs };
  }

  async deliver(request: OutgoingRequest, send: Send): Promise<OutgoingResponse> {
    const struck = this.strike(request.task, ['drop-request', 'drop-response']);
    if (only(struck, 'drop-request').length > 0) throw new Error('The request was dropped.');
    const response = await send(request);
    if (only(struck, 'drop-response').length > 0) throw new Error('The response was dropped.');
    return response;
  }

  private strike<Name extends DispatchFault['fault']>(task: string, names: readonly Name[]) {
    return this.dispatches.strike(
      (fault): fault is Of<DispatchFault, Name> =>
        names.some((name) => name === fault.fault) && task.includes(fault.task ?? ''),
    );
  }
}

function only<F extends Fault, Name extends F['fault']>(faults: F[], name: Name): Of<F, Name>[] {
  return faults.filter((fault): fault is Of<F, Name> => fault.fault === name);
}

function failure(fault: Of<CallFault, 'fail-before' | 'fail-after'>, method: string): RpcError {
  return new RpcError(Status[fault.code ?? 'UNAVAILABLE'], `A fault struck ${method}.`);
}
