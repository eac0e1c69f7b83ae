import type { Status } from '../../google/status.js';
import type { ServiceName } from '../tap.js';

/** How often a fault strikes: without limits, every time. */
export interface FaultLimits {
  /** The next so many times; then the rule is gone. */
  readonly times?: number;
  /** The chance, from 0 to 1, each time. */
  readonly probability?: number;
}

/** Trouble with calls of a service. */
export type CallFault = FaultLimits & {
  /** By default both. */
  readonly service?: ServiceName;
  /** Such as `commit` or `createTask`; by default every one. */
  readonly method?: string;
} & (
    | (Failure & {
        /** The call is refused and changes nothing. */
        readonly fault: 'fail-before';
      })
    | (Failure & {
        /** The call is applied, and its answer is lost on the way. */
        readonly fault: 'fail-after';
      })
    | {
        /** The call is so many milliseconds late. */
        readonly fault: 'delay-call';
        readonly ms: number;
      }
    | {
        /** The call is applied at once, and its answer is so many milliseconds late. */
        readonly fault: 'delay-answer';
        readonly ms: number;
      }
  );

interface Failure {
  /** What the caller gets; UNAVAILABLE by default. */
  readonly code?: keyof typeof Status;
}

/** Trouble between a queue and its targets. */
export type DispatchFault = FaultLimits & {
  /** Strikes tasks whose full name contains this; by default every one. */
  readonly task?: string;
} & (
    | {
        /** The target gets the request a second time, so many milliseconds later (0 by default). */
        readonly fault: 'deliver-twice';
        readonly afterMs?: number;
      }
    | {
        /** The attempt starts so many milliseconds late. */
        readonly fault: 'delay';
        readonly ms: number;
      }
    | {
        /** The attempt starts late by up to so many milliseconds, so that others overtake it. */
        readonly fault: 'reorder';
        readonly withinMs: number;
      }
    | {
        /** The target never sees the request: an attempt without an answer. */
        readonly fault: 'drop-request';
      }
    | {
        /** The target does its work, and its answer is lost: an attempt without an answer. */
        readonly fault: 'drop-response';
      }
    | {
        /** The task is gone for good, and the target never sees it. */
        readonly fault: 'lose';
      }
  );

/** One rule of trouble. */
export type Fault = CallFault | DispatchFault;

const CALL_FAULTS = new Set(['fail-before', 'fail-after', 'delay-call', 'delay-answer']);

/** Whether a fault is about calls, and not about dispatches. */
export function isCallFault(fault: Fault): fault is CallFault {
  return CALL_FAULTS.has(fault.fault);
}
