import type { Refusal } from '../lock/acquire.js';
import { unsettledStatus } from '../probe/proof.js';
import type { Standing } from './holding.js';

/** What a task's request is answered with. */
export interface Answer {
  /** 200 ends the task; anything else makes the queue deliver it again. */
  readonly status: number;
  readonly outcome: string;
  readonly reason?: string;
}

/** The answer to a delivery that may not run its step. `met`: nothing is owed to the entity any more. */
export function answerTo(refusal: Refusal, met: boolean, busyStatus: number): Answer {
  const status = met ? 200 : busyStatus;
  switch (refusal.verdict) {
    case 'stale':
      return { status, outcome: 'stale', reason: refusal.reason };
    case 'superseded':
      return { status, outcome: 'superseded', reason: 'a later task of this step was scheduled' };
    case 'ahead':
      return { status, outcome: 'ahead', reason: 'the entity has not come to this step' };
    case 'failed':
      return { status, outcome: 'failed', reason: 'the last attempt was lost' };
    case 'busy':
      return { status: busyStatus, outcome: 'busy', reason: 'another request holds the lease' };
  }
}

/** The answer of an instance that goes: another one runs the step. */
export function closing(busyStatus: number): Answer {
  return { status: busyStatus, outcome: 'closing', reason: 'this instance shuts down' };
}

/** The answer after a handler: it follows from how the lease stands, whatever the handler returned. */
export function answerOf(standing: Standing, busyStatus: number): Answer {
  switch (standing.state) {
    case 'settled': {
      // The last attempt that was released, or postponed once too often, has failed the run.
      const outcome = standing.lock.state === 'failed' ? 'failed' : standing.how;
      return standing.met
        ? { status: 200, outcome }
        : { status: busyStatus, outcome, reason: 'what follows is not dispatched yet' };
    }
    case 'lost':
      return { status: busyStatus, outcome: 'lost', reason: 'another request has the lease' };
    case 'unknown':
      return { status: busyStatus, outcome: 'unknown', reason: standing.error.message };
    case 'held':
      return {
        status: unsettledStatus,
        outcome: 'unsettled',
        reason: 'Datastore did not take the settle',
      };
  }
}
