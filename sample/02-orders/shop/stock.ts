import { Lockable } from 'nestjs-datastore-locker';

/** How much of a product is there. No chain runs on it; orders change it in their transactions. */
export class Stock extends Lockable {
  static readonly kind = 'Stock';
  left = 0;
}
