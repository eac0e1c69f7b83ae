import { Status } from '../google/status.js';

/** What an engine answers instead of a result; the gRPC server passes code and text on unchanged. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  constructor(
    /** A gRPC status code. */
    readonly code: Status,
    /** The text after the code, as Google's clients show it. */
    readonly details: string,
  ) {
    super(`${code} ${nameOf(code)}: ${details}`);
  }
}

function nameOf(code: Status): string {
  return Object.entries(Status).find(([, value]) => value === code)?.[0] ?? 'UNKNOWN';
}
