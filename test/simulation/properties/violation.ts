/** A promise was broken. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    /** The promise, in a few words; the same for every break of it. */
    readonly property: string,
    readonly details: string,
  ) {
    super(`${property}: ${details}`);
  }
}
