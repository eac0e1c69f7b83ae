import { colour, type Output } from '../../surroundings/output.js';
import type { MailServer } from '../outside/mail-server.js';
import type { PaymentProvider } from '../outside/payment-provider.js';
import type { Archive } from './archive.js';
import type { Operator } from './operator.js';
import type { Plan } from './plan.js';
import type { Shop } from './shop.js';
import { differentMails, problemsOf } from './verdict.js';

/** Everybody who knows something. */
export interface Witnesses {
  readonly plan: Plan;
  readonly shop: Shop;
  /** Undefined: somebody at the console, whom nobody asks. */
  readonly operator: Operator | undefined;
  readonly archive: Archive;
  readonly provider: PaymentProvider;
  readonly mailServer: MailServer;
}

/** Prints what happened and how it is to be judged; resolves to the exit code. */
export async function judge(
  { plan, shop, operator, archive, provider, mailServer }: Witnesses,
  output: Output,
): Promise<number> {
  const { charges, requests } = provider;
  const { mails } = mailServer;
  const different = differentMails(mails);
  const orders = await archive.orders();
  const problems = problemsOf({
    plan,
    kills: shop.kills,
    orders,
    stock: await archive.stock(),
    charges,
    mails,
  });
  output.line();
  output.line(
    `  Charges   ${charges.length}, asked for by ${requests} requests: ${requests - charges.length} were repeats, known by their idempotency key.`,
  );
  if (operator)
    output.line(
      `  By hand   ${times(operator.retried.length)} an order whose charge had an unknown outcome was retried in the console, with the same key.`,
    );
  output.line(
    `  Mails     ${mails.length}, ${different} different: ${mails.length - different} went out once more after a death, with the same Message-ID.`,
  );
  output.line(`  Shipped   ${orders.filter(({ isShipped }) => isShipped).length}`);
  output.line();
  for (const problem of problems) output.line(colour('red', `  ✘ ${problem}`));
  if (problems.length > 0) return 1;
  const all = `Each of ${plan.orders} orders was charged once, reserved once, confirmed and shipped`;
  output.line(colour('green', `  ✔ ${all}, though the shop was killed ${times(shop.kills)}.`));
  return 0;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
