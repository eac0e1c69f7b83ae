/** The program was called in a way it does not understand; the message says what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
