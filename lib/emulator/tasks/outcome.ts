import type { TargetKind } from './target-kind.js';

/** How one attempt ended. No answer: past its deadline, refused, or cut off; whoever got it may still be at work. */
export type Outcome =
  | {
      readonly type: 'answered';
      readonly status: number;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly type: 'unanswered' };

/** Whether the task is done: any 2xx. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome.type === 'answered' && outcome.status >= 200 && outcome.status <= 299;
}

/** What the next attempt is told of this one: the HTTP status, or what was recorded for an attempt past its deadline. */
export function previousResponseOf(kind: TargetKind, outcome: Outcome): number {
  if (outcome.type === 'answered') return outcome.status;
  return kind === 'http' ? 504 : 0;
}

/** The google.rpc.Status of an attempt, as GetTask shows it. */
export function rpcStatusOf(outcome: Outcome): { code: number; message: string } {
  if (outcome.type === 'unanswered') {
    return { code: 4, message: 'DEADLINE_EXCEEDED(4): no answer from the target' };
  }
  const [code, name] = RPC_OF_HTTP[outcome.status] ?? fallback(outcome.status);
  return { code, message: `${name}(${code}): HTTP status code ${outcome.status}` };
}

/** google.rpc.Code names an HTTP status for each code: googleapis/google/rpc/code.proto */
const RPC_OF_HTTP: Readonly<Record<number, readonly [number, string]>> = {
  400: [3, 'INVALID_ARGUMENT'],
  401: [16, 'UNAUTHENTICATED'],
  403: [7, 'PERMISSION_DENIED'],
  404: [5, 'NOT_FOUND'],
  409: [10, 'ABORTED'],
  429: [8, 'RESOURCE_EXHAUSTED'],
  499: [1, 'CANCELLED'],
  500: [13, 'INTERNAL'],
  501: [12, 'UNIMPLEMENTED'],
  503: [14, 'UNAVAILABLE'],
  504: [4, 'DEADLINE_EXCEEDED'],
};

function fallback(status: number): readonly [number, string] {
  return status >= 200 && status <= 299 ? [0, 'OK'] : [2, 'UNKNOWN'];
}
