/** The time, and the only way this package waits. Replaced by a driven clock in tests and simulations. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once, `delayMs` milliseconds from now; at once if that is past. The returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    // Node warns of a negative delay: a lease can be over before its timers are set.
    const timer = setTimeout(task, Math.max(0, delayMs)).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` milliseconds of `clock`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
