import { Lockable } from 'nestjs-datastore-locker';

/** A number that a chain of tasks counts up to its limit, one step at a time. */
export class Counter extends Lockable {
  static readonly kind = 'Counter';
  value = 0;
  limit = 10;
}
