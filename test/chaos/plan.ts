import type { Range } from './chance.js';

/** Trouble of one sort. */
export interface TroublePlan {
  /** How often at most, and how often it must have happened for a run to prove anything. */
  readonly atMost: number;
  readonly atLeast: number;
  /** How long everything is well before it strikes (again), milliseconds. */
  readonly pauseMs: Range;
}

/** What a chaos run does. All durations are milliseconds. */
export interface Plan {
  readonly seed: number;
  /** Chains of four steps. */
  readonly chains: number;
  /** Parents that wait for ten children each. */
  readonly parents: number;
  /** How long after each other they are started, as long as not too many are under way. */
  readonly startEveryMs: number;
  readonly underWay: number;
  readonly workerKills: TroublePlan;
  readonly emulatorKills: TroublePlan;
  readonly workerStops: TroublePlan;
  /** When there is no more trouble, even if it has not struck as often as it might: a slow machine takes longer. */
  readonly troubleMs: number;
  /** The part of all callers that die when their start fails, and leave it to the sweep whether it was stored. */
  readonly dyingCallers: number;
  /** How long the chains may take to their ends when all trouble is over. */
  readonly drainMs: number;
  /** Whether it is waited for that the sweeps end, too, which they do some slots after everything else. */
  readonly sweepsMustEnd: boolean;
  /** When the run is given up as a whole. */
  readonly limitMs: number;
}

export const plans: Readonly<Record<'full' | 'short', Omit<Plan, 'seed'>>> = {
  full: {
    chains: 270,
    parents: 30,
    startEveryMs: 850,
    underWay: 15,
    workerKills: { atMost: 60, atLeast: 20, pauseMs: [1_500, 4_000] },
    emulatorKills: { atMost: 30, atLeast: 10, pauseMs: [7_000, 10_000] },
    workerStops: { atMost: 10, atLeast: 4, pauseMs: [12_000, 20_000] },
    troubleMs: 300_000,
    dyingCallers: 0.5,
    drainMs: 200_000,
    sweepsMustEnd: true,
    limitMs: 570_000,
  },
  short: {
    chains: 18,
    parents: 2,
    startEveryMs: 950,
    underWay: 15,
    workerKills: { atMost: 4, atLeast: 4, pauseMs: [2_000, 4_000] },
    emulatorKills: { atMost: 1, atLeast: 1, pauseMs: [7_000, 10_000] },
    workerStops: { atMost: 1, atLeast: 1, pauseMs: [3_000, 8_000] },
    troubleMs: 60_000,
    dyingCallers: 0,
    drainMs: 100_000,
    sweepsMustEnd: false,
    limitMs: 240_000,
  },
};

/** How long after its death a program is started again. */
export const restartAfterMs: Range = [300, 1_200];

/** How long trouble waits at most for a handler to begin after the last trouble of its sort. */
export const progressMs = 15_000;

/** How long a worker is stopped: longer than its lease lasts, with the skew of clocks that is allowed for. */
export const stopMs: Range = [8_000, 12_000];

/** What a step does: mostly short, sometimes so long that its lease must be renewed; in two parts, the effect between. */
export const work = { usualMs: [50, 1_500], longMs: [2_500, 5_000], long: 0.15 } as const;

export const projectId = 'chaos';
export const location = 'europe-west1';

/** The locker's options of the workers: leases as short as the options allow for, so that much can go wrong in minutes. */
export const terms = {
  leaseDurationMs: 2_000,
  /** Added to a lease before it may be taken over: docs/protocol.md. */
  skewMs: 5_000,
  sweepEveryMs: 10_000,
};

/** Those options as the workers' environment. */
export function workerOptions(baseUrl: string): Record<string, string> {
  return {
    LOCKER_BASE_URL: baseUrl,
    LOCKER_GUARD: 'none',
    LOCKER_LOCATION: location,
    LOCKER_PROJECT_ID: projectId,
    LOCKER_LEASE_DURATION: `${terms.leaseDurationMs}ms`,
    LOCKER_LEASE_TIMEOUT: '16s',
    LOCKER_DISPATCH_DEADLINE: '15s',
    LOCKER_BACKOFF_MIN: '200ms',
    LOCKER_BACKOFF_MAX: '5s',
    LOCKER_SWEEP_EVERY: `${terms.sweepEveryMs}ms`,
    // Trouble comes every few seconds here, not once in a step's life.
    LOCKER_MAX_RETRIES: '30',
    LOCKER_HISTORY_LENGTH: '200',
    LOCKER_VERBOSE: 'true',
  };
}

/**
 * How the queue tries again. By default its pauses grow to an hour, and every answer that says "busy" or finds no worker
 * doubles them; like the leases they are scaled down.
 */
export const queueRetries = {
  minBackoff: { nanos: 100_000_000 },
  maxBackoff: { seconds: 10 },
  maxAttempts: -1,
};

/** Trouble that the emulator makes by itself: a tenth of all deliveries doubled, answers lost on every way. */
export const faults = [
  { fault: 'deliver-twice', probability: 0.05 },
  { fault: 'deliver-twice', probability: 0.05, afterMs: 4_000 },
  { fault: 'drop-response', probability: 0.05 },
  { fault: 'fail-after', service: 'datastore', method: 'commit', probability: 0.02 },
  { fault: 'fail-after', service: 'tasks', method: 'createTask', probability: 0.02 },
] as const;
