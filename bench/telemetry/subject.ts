/** The applications whose steps are compared: without the option, once more without it, and with it. */
export const names = ['without', 'control', 'beside'] as const;

export type Name = (typeof names)[number];

/** Where the tasks of an application's chain go, and the headers of its first step. */
export interface Subject {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One turn of everybody and back again: what drifts does so for all. Another is the first each time. */
export function turnsOf(round: number): Name[] {
  const first = round % names.length;
  const there = [...names.slice(first), ...names.slice(0, first)];
  return [...there, ...there.toReversed()];
}

/** What a step of each took in one round, as `turnsOf` it. */
export function meanOfEach(turns: readonly Name[], taken: readonly number[]): Record<Name, number> {
  const sums: Record<Name, number> = { without: 0, control: 0, beside: 0 };
  for (const [index, name] of turns.entries()) sums[name] += (taken[index] ?? NaN) / 2;
  return sums;
}
