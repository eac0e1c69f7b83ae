/** What is mapped: a temperature that some station measured. Nothing of it is locked, and nothing of it is written. */
export const readingKind = 'Reading';

/** One of them, as it is stored. */
export interface Reading {
  /** Tenths of a degree Celsius. */
  readonly tenths: number;
}
