import { Lockable } from '../../../lib/entity/lockable.js';

/** The entity that chains run on. What is written in it tells who wrote it. */
export class Chain extends Lockable {
  static readonly kind = 'Chain';
  /** How many steps a run of it takes. */
  steps = 2;
  /** What every committed step adds once. */
  trail: string[] = [];
  /** How often a handler saved. */
  saved = 0;
  /** How often somebody else wrote it. */
  touched = 0;
  /** Whom it arrives at when it is done, if it is a child. */
  parent?: { name: string; run: string; step: number };
}

/** What a step adds to its entity's trail. */
export function traceOf(run: string, step: number): string {
  return `${run.slice(-4)}:${step}`;
}

/** What a handler writes that is not to be stored. */
export const halfMade = 'half-made';
