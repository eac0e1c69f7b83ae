import { isReserved } from '../keys/reserved.js';
import { invalidArgument } from '../refusals.js';

/** https://cloud.google.com/datastore/docs/concepts/limits */
const MAX_NAME_BYTES = 1500;
export const MAX_ENTITY_BYTES = 1_048_572;

export function checkPropertyName(name: string): void {
  if (name === '') throw invalidArgument('The property.name is the empty string.');
  if (isReserved(name)) throw invalidArgument(`The property.name "${name}" is reserved.`);
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw invalidArgument(`The property.name is longer than ${MAX_NAME_BYTES} bytes.`);
  }
}

export function checkEntitySize(bytes: Buffer): void {
  if (bytes.length <= MAX_ENTITY_BYTES) return;
  throw invalidArgument(
    `The entity of ${bytes.length} bytes is too big. At most ${MAX_ENTITY_BYTES} bytes are allowed.`,
  );
}
