import type { OutgoingRequest, OutgoingResponse, Send } from './target-request.js';

/** What to do with an attempt that is due. */
export type DispatchPlan =
  | { readonly type: 'lose' }
  | {
      readonly type: 'dispatch';
      /** How late it starts, in milliseconds. */
      readonly delayMs: number;
      /** For each further delivery of the same attempt, how many milliseconds after the first it comes. */
      readonly copiesAfterMs: readonly number[];
    };

/** Where trouble can be made between a queue and its targets. */
export interface DispatchHooks {
  /** Whether nothing at all is dispatched for now. */
  held(): boolean;
  /** Asked once for every attempt, when it is due. */
  plan(task: string): DispatchPlan;
  /** Stands in for the sending of a request. */
  deliver(request: OutgoingRequest, send: Send): Promise<OutgoingResponse>;
}

/** No trouble. */
export const undisturbed: DispatchHooks = {
  held: () => false,
  plan: () => ({ type: 'dispatch', delayMs: 0, copiesAfterMs: [] }),
  deliver: (request, send) => send(request),
};

/** One attempt that has ended, for those who watch. */
export interface DispatchEvent {
  readonly task: string;
  /** Attempts before this one. */
  readonly retryCount: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}
