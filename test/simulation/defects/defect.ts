/** A deliberate mistake in the library: one piece of its source, replaced by another. */
export interface Defect {
  /** What is wrong then. */
  readonly name: string;
  /** The source, from `lib/`. */
  readonly file: string;
  /** Found exactly once in it. */
  readonly search: string;
  readonly replace: string;
}
