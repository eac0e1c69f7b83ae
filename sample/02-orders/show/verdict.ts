import type { Charge } from '../outside/payment-provider.js';
import type { Mail } from '../outside/mail-server.js';
import { orderOf, stockAtFirst, type Plan } from './plan.js';

/** An order as it is stored in the end, as far as it is judged. */
export interface StoredOrder {
  readonly id: string;
  readonly total: number;
  readonly isReserved: boolean;
  readonly isShipped: boolean;
  readonly state: string;
}

/** What is known after the end. */
export interface Evidence {
  readonly plan: Plan;
  readonly kills: number;
  readonly orders: readonly StoredOrder[];
  /** What is left, by product. */
  readonly stock: ReadonlyMap<string, number>;
  readonly charges: readonly Charge[];
  readonly mails: readonly Mail[];
}

/** What went wrong, a sentence each; none: every order was charged once, reserved once, mailed and shipped. */
export function problemsOf(evidence: Evidence): string[] {
  const { plan, kills } = evidence;
  const problems = Array.from({ length: plan.orders }, (_, index) => index).flatMap((index) =>
    problemsOfOrder(orderOf(index).id, evidence),
  );
  if (kills < plan.kills) problems.push(`The application was killed ${kills} times only.`);
  return [...problems, ...problemsOfStock(evidence)];
}

function problemsOfOrder(id: string, { orders, charges, mails }: Evidence): string[] {
  const order = orders.find((one) => one.id === id);
  if (!order) return [`${id} is not there.`];
  const problems: string[] = [];
  const taken = charges.filter(({ reference }) => reference === id);
  if (taken.length !== 1) problems.push(`${id} was charged ${taken.length} times.`);
  if (taken.some(({ amount }) => amount !== order.total))
    problems.push(`${id} was not charged what it costs.`);
  const different = differentMails(mails.filter((mail) => mail.order === id));
  if (different !== 1) problems.push(`${id} was confirmed by ${different} different mails.`);
  if (!order.isReserved) problems.push(`${id} has nothing reserved.`);
  if (!order.isShipped) problems.push(`${id} was not shipped.`);
  if (order.state !== 'completed') problems.push(`${id} is ${order.state}, not completed.`);
  return problems;
}

function problemsOfStock({ plan, stock }: Evidence): string[] {
  const sold = new Map<string, number>();
  for (let index = 0; index < plan.orders; index++) {
    const { product, quantity } = orderOf(index);
    sold.set(product, (sold.get(product) ?? 0) + quantity);
  }
  return [...sold].flatMap(([product, quantity]) => {
    const taken = stockAtFirst - (stock.get(product) ?? stockAtFirst);
    return taken === quantity
      ? []
      : [`${taken} of ${product} are gone from the stock; ${quantity} were sold.`];
  });
}

/** Copies of one mail have one Message-ID. */
export function differentMails(mails: readonly Mail[]): number {
  return new Set(mails.map(({ messageId }) => messageId)).size;
}
