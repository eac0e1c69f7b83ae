/** How much there is to do, and how much trouble. */
export interface Plan {
  readonly orders: number;
  readonly kills: number;
  /** How long the application lives before it is killed, milliseconds. */
  readonly lifeMs: readonly [least: number, most: number];
  /** How long everything may take, milliseconds. */
  readonly limitMs: number;
}

/** From ORDERS and KILLS; forty deaths among two hundred orders by default. */
export function planFrom(environment: NodeJS.ProcessEnv, isByHand = false): Plan {
  return {
    orders: Number(environment['ORDERS'] ?? 200),
    kills: Number(environment['KILLS'] ?? 40),
    lifeMs: [200, 1_500],
    // People take their time.
    limitMs: isByHand ? 86_400_000 : 600_000,
  };
}

/** What is sold. */
export const products = Array.from({ length: 20 }, (_, index) => `product-${index + 1}`);

/** How much of each product there is at first. */
export const stockAtFirst = 1_000;

/** The order of a number: the same whenever it is asked for. */
export function orderOf(index: number) {
  return {
    id: `order-${index + 1}`,
    email: `customer-${index + 1}@example.com`,
    product: products[index % products.length] ?? '',
    quantity: 1 + (index % 3),
  };
}

/** Leases as short as the options allow for, so that what dies is taken over within seconds. */
export const variables = {
  LOCKER_LEASE_DURATION: '1s',
  LOCKER_LEASE_TIMEOUT: '16s',
  LOCKER_DISPATCH_DEADLINE: '15s',
  LOCKER_BACKOFF_MIN: '200ms',
  LOCKER_BACKOFF_MAX: '2s',
  LOCKER_SWEEP_EVERY: '10s',
  // Instances die every second here, not once in a step's life.
  LOCKER_MAX_RETRIES: '50',
};
