import { Lockable } from 'nestjs-datastore-locker';

/** What somebody has ordered, and how far it has come. */
export class Order extends Lockable {
  static readonly kind = 'Order';
  email = '';
  product = '';
  quantity = 1;
  /** In cents. */
  total = 0;
  /** The payment provider's own id of the charge. */
  chargeId?: string;
  isReserved = false;
  isConfirmed = false;
  shippedAt?: Date;
}
