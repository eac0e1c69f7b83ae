import { Lockable } from 'nestjs-datastore-locker';

/** What an invoice meets on its way. */
export type Fate = 'nothing' | 'mail server away' | 'unknown address' | 'delivered twice';

/** An invoice that is rendered, then mailed: a chain of two steps. */
export class Invoice extends Lockable {
  static readonly kind = 'Invoice';
  fate: Fate = 'nothing';
  pages = 0;
  mailed = false;
}
