import type { Headers } from '../tasks/task-request.js';

/** What the door says about a request. Reasons are for the log, and hold nothing that a caller could use. */
export type Admission = Admitted | Refused;

/** The request is of somebody who may deliver tasks. */
export interface Admitted {
  readonly verdict: 'admitted';
}

/** The request is of somebody else, for all that anybody can tell. */
export interface Refused {
  readonly verdict: 'refused';
  /** 401: who it is of is not proven; 403: that is proven, and they may not; 503: nobody can tell at present. */
  readonly status: 401 | 403 | 503;
  readonly reason: string;
  /** Whether our own queue may be refused as well, by a mistake in the configuration or for lack of certificates. */
  readonly isOurs: boolean;
}

/** Tells from a request's headers whether it is let in. Reads nothing of Datastore. */
export type Check = (headers: Headers) => Admission | Promise<Admission>;

/** The request is let in. */
export const admitted: Admitted = { verdict: 'admitted' };

/** The request is refused. */
export function refused(status: Refused['status'], reason: string, isOurs = false): Refused {
  return { verdict: 'refused', status, reason, isOurs };
}
