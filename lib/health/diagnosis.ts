import type { Vitals } from '../run/vitals.js';
import type { HealthLimits } from './health-options.js';

/** How bad something is, best first. */
export type Health = 'up' | 'degraded' | 'down';

/** What is wrong, in a sentence with its cure, and how bad that is. */
export interface Complaint {
  readonly health: Exclude<Health, 'up'>;
  readonly text: string;
}

/** What is wrong with an application, the worst first; nothing: it is up. */
export function diagnose(vitals: Vitals, limits: HealthLimits): readonly Complaint[] {
  const complaints = [...aboutQueues(vitals), ...aboutSweeps(vitals), ...aboutTime(vitals, limits)];
  return complaints.toSorted((one, other) => rank(other) - rank(one));
}

function rank({ health }: Complaint): number {
  return health === 'down' ? 1 : 0;
}

function aboutQueues({ queues }: Vitals): Complaint[] {
  return Object.entries(queues).flatMap(([queue, condition]): Complaint[] => {
    switch (condition) {
      case 'RUNNING':
        return [];
      case 'MISSING':
        return [down(`Queue "${queue}" does not exist: gcloud tasks queues create ${queue}.`)];
      case 'PAUSED':
        return [down(`Queue "${queue}" is paused: gcloud tasks queues resume ${queue}.`)];
      case 'DISABLED':
        return [down(`Queue "${queue}" is disabled, by App Engine's queue.yaml.`)];
      case 'UNKNOWN':
        return [
          degraded(`Queue "${queue}" cannot be looked at; that needs roles/cloudtasks.viewer.`),
        ];
    }
  });
}

function aboutSweeps({ unswept }: Vitals): Complaint[] {
  if (unswept.length === 0) return [];
  const where = unswept.map((namespace) => `"${namespace}"`).join(', ');
  return [
    down(
      `No sweep is to come in namespace ${where}, where chains owe something: the queue was purged, or cannot take it. Call recover().`,
    ),
  ];
}

function aboutTime(
  { overdue, oldestMs }: Vitals,
  { overdue: most, ageMs }: HealthLimits,
): Complaint[] {
  const seconds = Math.round(oldestMs / 1_000);
  return [
    ...exceeding(overdue, most, `${overdue} chains are overdue.`),
    ...exceeding(
      oldestMs,
      ageMs,
      `A chain has been overdue for ${seconds} s: no sweep runs, or it cannot help.`,
    ),
  ];
}

function exceeding(
  value: number,
  threshold: { readonly degraded: number; readonly down: number },
  text: string,
): Complaint[] {
  if (value >= threshold.down) return value > 0 ? [down(text)] : [];
  return value >= threshold.degraded && value > 0 ? [degraded(text)] : [];
}

function down(text: string): Complaint {
  return { health: 'down', text };
}

function degraded(text: string): Complaint {
  return { health: 'degraded', text };
}
