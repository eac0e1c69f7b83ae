import type { HistoryEntry, LockState } from 'nestjs-datastore-locker';
import type { Event } from './event.js';

/** What is known of a run after its end. */
export interface Evidence {
  /** What happened to the run, in order. */
  readonly events: readonly Event[];
  /** The counter as it is stored. */
  readonly value: number;
  readonly limit: number;
  /** Its lock as it is stored. */
  readonly state: LockState;
  readonly history: readonly HistoryEntry[];
}

/** What went wrong, a sentence each; none: every step ran once and in order, and every duplicate was dropped. */
export function problemsOf(evidence: Evidence): string[] {
  return [...handlersOf(evidence), ...storedOf(evidence), ...duplicatesOf(evidence)];
}

/** What became of the duplicates: how many were thrown in, dropped, and are over in whatever way. */
export function countDuplicates(events: readonly Event[]) {
  const thrown = events.find((event) => event.type === 'thrown-in');
  if (!thrown) return { thrownIn: 0, dropped: 0, over: 0 };
  const ends = events.filter(
    (event) =>
      (event.type === 'turned-away' || event.type === 'ran') &&
      event.step === thrown.step + 1 &&
      event.outcome !== 'busy',
  );
  const dropped = ends.filter(({ type }) => type === 'turned-away').length;
  // One delivery of that step is to run, whichever; the duplicates are the others.
  return { thrownIn: thrown.duplicates, dropped, over: ends.length - 1 };
}

function handlersOf({ events, limit }: Evidence): string[] {
  const ran = events.filter((event) => event.type === 'working').map(({ step }) => step);
  const problems = stepsUpTo(Math.max(limit, ...ran)).flatMap((step) => {
    const times = ran.filter((other) => other === step).length;
    if (step > limit) return [`Step ${step} ran, but ${limit} is the last one.`];
    if (times === 0) return [`Step ${step} was skipped.`];
    return times === 1 ? [] : [`Step ${step} ran ${times} times.`];
  });
  const isOrdered = ran.every((step, index) => step >= (ran[index - 1] ?? 0));
  return isOrdered ? problems : [...problems, `The steps ran out of order: ${ran.join(', ')}.`];
}

function storedOf({ value, limit, state, history }: Evidence): string[] {
  const settled = history.map(({ step, outcome }) => `${step} ${outcome}`);
  const expected = stepsUpTo(limit).map(
    (step) => `${step} ${step === limit ? 'completed' : 'advanced'}`,
  );
  const problems: string[] = [];
  if (state !== 'completed') problems.push(`The stored run is ${state}, not completed.`);
  if (value !== limit) problems.push(`The stored counter is at ${value}, not at ${limit}.`);
  if (settled.join() !== expected.join())
    problems.push(`The stored history is not one commit a step: ${settled.join(', ')}.`);
  return problems;
}

function duplicatesOf({ events }: Evidence): string[] {
  const { dropped, thrownIn } = countDuplicates(events);
  if (thrownIn === 0) return ['Nothing was dropped, because no duplicate was thrown in.'];
  if (dropped < thrownIn)
    return [
      `${dropped === 0 ? 'Nothing' : `Only ${dropped}`} of ${thrownIn} duplicates was dropped.`,
    ];
  return [];
}

function stepsUpTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
