/** The program was called in a way it does not understand; the message says what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Some of what was asked for could not be done; what it was is told already. */
export class PartlyFailed extends Error {
  override readonly name = 'PartlyFailed';
}
