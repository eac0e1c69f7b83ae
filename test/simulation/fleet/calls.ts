import { Status } from '../../../lib/google/status.js';
import { RpcError } from '../../../lib/emulator/rpc-error.js';
import type { Answer, Outcome } from '../google/outcome.js';
import type { Scheduler } from '../world/scheduler.js';
import type { Story } from '../world/story.js';
import { stallOf, type CallKind } from './fates.js';
import type { Process } from './process.js';
import type { Troubles } from './troubles.js';

/** How long the clients wait for an answer, milliseconds. */
const patience = 15_000;

/** How long a call takes, milliseconds. */
export type Latency = () => number;

/** Told what a call's fate is, where that matters beyond the call. */
export interface Heard {
  /** It is refused without effect. */
  readonly refused?: () => void;
  /** Its caller is told that it failed; it is applied later all the same. */
  readonly late?: () => void;
  /** It begins, or it ended so: for what all requests of its process know of it, not just the one that makes it. */
  readonly shared?: (outcome?: Outcome<unknown>) => void;
}

/** The calls of one process to the outside. At each something may go wrong with the call, or with the process. */
export class Calls {
  /** Has the process asked to end. */
  shutDown: () => void = () => {};

  constructor(
    private readonly process: Process,
    private readonly troubles: Troubles,
    private readonly scheduler: Scheduler,
    private readonly latency: Latency,
    private readonly story: Story,
  ) {}

  /**
   * Makes a call. The promise of a dead process's call never settles.
   *
   * @param apply does at the service what the call asks for
   */
  make<T>(
    kind: CallKind,
    what: string,
    apply: (answer: Answer<T>) => void,
    heard: Heard = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.process.isDead) return;
      const { memory } = this.process;
      this.scheduler.involve(memory);
      heard.shared?.();
      const answer: Answer<T> = (outcome) => {
        this.scheduler.observe(() => textOf(outcome));
        const work = () => {
          heard.shared?.(outcome);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value);
        };
        this.process.enter({ what: `answer to ${what}`, work, memory });
      };
      const fate = this.troubles.fateOf(kind);
      const { name } = this.process;
      const told = (outcome?: Outcome<unknown>) =>
        this.story.tell(name, () => {
          const said = outcome && 'error' in outcome ? `: ${outcome.error.message}` : '';
          return `${what}${fate === 'goes well' ? '' : ` [${fate.toUpperCase()}]`}${said}`;
        });
      const arrive = (delayMs: number, then: Answer<T>) => {
        const happen = () => {
          let stopWaiting: (() => void) | undefined;
          const once = onlyOnce<T>((outcome) => {
            stopWaiting?.();
            told(outcome);
            then(outcome);
          });
          apply(once.answer);
          // It waits for somebody else's lock. It is given up in time, and may be applied all the same.
          const giveUp = () => once.answer({ error: timedOut() });
          if (!once.isAnswered()) stopWaiting = this.process.after(patience, giveUp, memory);
        };
        this.scheduler.after(delayMs, `${name}: ${what}`, happen, { memory });
      };
      const fail = (status: Status) => {
        const happen = () => answer({ error: new RpcError(status, 'simulated') });
        this.scheduler.after(this.latency(), `${name}: ${what} fails`, happen, { memory });
      };
      switch (fate) {
        case 'goes well':
          return arrive(this.latency(), answer);
        case 'fails':
        case 'outage of 10 s':
        case 'outage of 2 min':
          told();
          heard.refused?.();
          return fail(Status.UNAVAILABLE);
        case 'aborted':
          told();
          return fail(Status.ABORTED);
        case 'applied, answer lost':
          return arrive(this.latency(), () => answer({ error: timedOut() }));
        case 'applied, answer lost, and the process stalls for 3 min':
          return arrive(this.latency(), () => {
            this.process.stall(stallOf[fate] ?? 0);
            answer({ error: timedOut() });
          });
        case 'applied a second later':
          heard.late?.();
          fail(Status.UNAVAILABLE);
          return arrive(1_000, () => {});
        case 'applied half a minute later':
          heard.late?.();
          fail(Status.UNAVAILABLE);
          return arrive(30_000, () => {});
        case 'slow':
          return arrive(3_000, answer);
        case 'very slow':
          return arrive(14_000, answer);
        case 'shuts down':
        case 'dies before':
          told();
          return this.process.die();
        case 'dies after':
          return arrive(this.latency(), () => this.process.die());
        case 'stalls for 45 s':
        case 'stalls for 90 s':
        case 'stalls for 12 min':
          return arrive(this.latency(), (outcome) => {
            this.process.stall(stallOf[fate] ?? 0);
            answer(outcome);
          });
      }
    });
  }

  /** A point of a handler's work at which its process may die or stand still. */
  async work(what: string, ms: number): Promise<void> {
    const fate = this.troubles.fateOf('work');
    const { name } = this.process;
    this.story.tell(name, () => `${what}${fate === 'goes well' ? '' : ` [${fate.toUpperCase()}]`}`);
    if (fate === 'dies after') this.process.die();
    if (fate === 'shuts down') this.shutDown();
    const stall = stallOf[fate];
    if (stall !== undefined) this.process.stall(stall);
    if (fate === 'goes well' && ms === 0) return;
    await new Promise<void>((resolve) => {
      this.process.after(ms, resolve);
    });
  }
}

/** All that an answer says; what a transaction is called says nothing. */
function textOf(outcome: Outcome<unknown>): string {
  if ('error' in outcome) return String(outcome.error);
  return JSON.stringify(outcome.value, (name, value: unknown) =>
    name === 'transaction' ? undefined : value,
  );
}

function timedOut(): RpcError {
  return new RpcError(Status.DEADLINE_EXCEEDED, 'simulated');
}

function onlyOnce<T>(answer: Answer<T>): { answer: Answer<T>; isAnswered: () => boolean } {
  let isAnswered = false;
  return {
    isAnswered: () => isAnswered,
    answer: (outcome) => {
      if (isAnswered) return;
      isAnswered = true;
      answer(outcome);
    },
  };
}
