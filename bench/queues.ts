/** Cloud Tasks lets one queue dispatch 500 tasks a second; here the queues must not be what limits. */
const names = Array.from({ length: 8 }, (_, index) => `bench-${index}`);

/** The queues of a benchmark: as fast as Cloud Tasks lets any be. */
export const queues = names.map((name) => ({
  name,
  rateLimits: { maxDispatchesPerSecond: 500, maxBurstSize: 500, maxConcurrentDispatches: 1_000 },
}));

/** The queue of the n-th chain. */
export const queueOf = (n: number): string => `bench-${n % names.length}`;
