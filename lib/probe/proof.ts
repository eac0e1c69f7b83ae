import type { Holder } from '../lock/lock.js';

/**
 * The answer after a handler has ended without its lease being settled, because Datastore did not take the settle. It
 * is given for nothing else, and no front of Google's gives it, so that the next delivery can know.
 */
export const unsettledStatus = 424;

/** What a front may answer in the application's place while the handler goes on: timed out, too many, hung up. */
const ofTheFront: readonly number[] = [408, 429, 499];

/**
 * Whether an answer proves that the handler behind it has ended. 5xx never does: a front gives it too, when it gives
 * up waiting. Nor does "busy", which an instance that shuts down gives while its handler still runs. The Go library,
 * whose locks name no holder, answers when its handler has returned.
 */
export function provesEnd(status: number, holder: Holder | undefined): boolean {
  if (status >= 200 && status < 300) return true;
  if (holder) return status === unsettledStatus;
  return status >= 400 && status < 500 && !ofTheFront.includes(status);
}
