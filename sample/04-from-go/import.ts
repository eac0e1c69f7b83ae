import { Lockable } from 'nestjs-datastore-locker';

/** A file that is imported a thousand rows a step. The Go application declared the same kind, with the same properties. */
export class Import extends Lockable {
  static readonly kind = 'Import';
  file = '';
  bytes = 0;
  /** The steps whose rows are in. */
  steps: number[] = [];
}
