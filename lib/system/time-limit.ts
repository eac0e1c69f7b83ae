import type { Clock } from './clock.js';

/** Something took longer than it may. It may still be under way. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';

  constructor(limitMs: number) {
    super(`It took longer than ${limitMs} ms.`);
  }
}

/**
 * What `work` comes to, unless that takes longer than `limitMs` milliseconds. What it does later is of no concern.
 *
 * @throws TimeLimitError
 */
export function withinTime<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => reject(new TimeLimitError(limitMs)));
    void work.then(resolve, reject).finally(cancel);
  });
}
