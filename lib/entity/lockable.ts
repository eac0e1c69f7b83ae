import { Lock } from '../lock/lock.js';

/**
 * A base for entities that chains run on. A class that cannot extend it declares `lock = new Lock()` itself.
 *
 * @example
 * ```ts
 * export class Order extends Lockable {
 *   static readonly kind = 'Order';
 *   total!: number;
 * }
 * ```
 */
export abstract class Lockable {
  /** The lock as it was read; changes to it are not stored. */
  lock = new Lock();
}
