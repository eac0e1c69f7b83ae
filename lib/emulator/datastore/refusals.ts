import { Status } from '../../google/status.js';
import { RpcError } from '../rpc-error.js';

export const invalidArgument = (text: string) => new RpcError(Status.INVALID_ARGUMENT, text);

export const unimplemented = (what: string) =>
  new RpcError(Status.UNIMPLEMENTED, `The emulator does not implement ${what}.`);

/** The text of the real service, for a transaction that was never begun, has ended, or took too long. */
export const invalidTransaction = () =>
  invalidArgument('The referenced transaction has expired or is no longer valid.');

/** The text of the real service. */
export const contention = () =>
  new RpcError(
    Status.ABORTED,
    'Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access ' +
      'the same data, requiring Firestore to abort at least one in order to enforce serializability.',
  );
