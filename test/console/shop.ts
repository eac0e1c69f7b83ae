import { Controller, Injectable } from '@nestjs/common';
import { Lease, Lockable, LockedTask, PermanentTaskError } from 'nestjs-datastore-locker';
import { LockerConsoleModule, type LockerConsoleOptions } from 'nestjs-datastore-locker/console';
import { Application, type ApplicationOptions } from '../support/application.js';
import { Gate } from '../support/gate.js';

/** An order of the shop whose chains the console shows. */
export class Order extends Lockable {
  static readonly kind = 'Order';
  customer = '';
  total = 0;
  receipt?: string;
  /** Not for the eyes of those who operate. */
  card = '4242 4242 4242 4242';
}

/** A file of prices that is read piece by piece. */
export class PriceImport extends Lockable {
  static readonly kind = 'PriceImport';
  lines = 0;
}

/** A month's invoices, which waits for each of them. */
export class Billing extends Lockable {
  static readonly kind = 'Billing';
  invoices = 0;
}

/** What does not work, and who stands still, as a test says. */
@Injectable()
export class Circumstances {
  /** By the entity's name: what its steps throw. */
  readonly troubles = new Map<string, Error>();
  /** By the entity's name: what its steps wait for. */
  readonly gates = new Map<string, Gate>();
  /** What a step takes, milliseconds. */
  work: () => Promise<void> = () => Promise.resolve();

  /** A gate at which an entity's steps stand still. */
  gate(name: string): Gate {
    const gate = new Gate();
    this.gates.set(name, gate);
    return gate;
  }

  async meet({ key }: Lease): Promise<void> {
    const name = String(key.name ?? key.id);
    await this.work();
    await this.gates.get(name)?.pass();
    const trouble = this.troubles.get(name);
    if (trouble) throw trouble;
  }
}

@Controller('tasks')
class ShopTasks {
  constructor(private readonly circumstances: Circumstances) {}

  @LockedTask('order.charge', Order, { maxRetries: 3, backoff: { min: '20s', max: '2m' } })
  async charge(order: Order, lease: Lease) {
    await this.circumstances.meet(lease);
    order.receipt = `R-${lease.key.name ?? ''}`;
    await lease.next('order.pack');
  }

  @LockedTask('order.pack', Order, { maxRetries: 3, backoff: { min: '20s', max: '2m' } })
  async pack(_: Order, lease: Lease) {
    await this.circumstances.meet(lease);
    await lease.next('order.ship', { delay: '2m' });
  }

  @LockedTask('order.ship', Order)
  async ship(_: Order, lease: Lease) {
    await this.circumstances.meet(lease);
    await lease.next('order.thank', { delay: '3h' });
  }

  @LockedTask('order.thank', Order)
  async thank(_: Order, lease: Lease) {
    await this.circumstances.meet(lease);
  }

  @LockedTask('prices.read', PriceImport)
  async read(prices: PriceImport, lease: Lease) {
    await this.circumstances.meet(lease);
    prices.lines += 5_000;
    if (prices.lines < 5_000_000)
      await lease.next(undefined, {
        delay: 1_300 * (1 + (String(lease.key.name).charCodeAt(1) % 5)),
      });
  }

  @LockedTask('billing.collect', Billing)
  async collect(billing: Billing, lease: Lease) {
    await this.circumstances.meet(lease);
    await lease.next('billing.close', { waitFor: billing.invoices, within: '6h' });
  }

  @LockedTask('billing.close', Billing)
  async close(_: Billing, lease: Lease) {
    await this.circumstances.meet(lease);
  }
}

/** The shop with its console at `/locker`. */
export async function startShop(
  options: Partial<LockerConsoleOptions> = {},
  application: ApplicationOptions = {},
): Promise<Application> {
  let started: Application | undefined;
  const emulator = {
    get tasks() {
      if (!started) throw new Error('The application has not started yet.');
      return started.emulator.tasks;
    },
  };
  started = await Application.start({
    controllers: [ShopTasks],
    providers: [Circumstances],
    ...application,
    imports: [
      LockerConsoleModule.forRoot({
        open: true,
        refresh: '1s',
        emulator,
        who: () => 'ada@shop.example',
        properties: (entity) => {
          if (entity instanceof Order)
            return {
              customer: entity.customer,
              total: entity.total,
              receipt: entity.receipt ?? '–',
            };
          return entity instanceof PriceImport ? { lines: entity.lines } : {};
        },
        ...options,
      }),
      ...(application.imports ?? []),
    ],
  });
  return started;
}

/** The card company's answer to a card that is no good. */
export const declined = new PermanentTaskError('card_declined: the issuer refused it, code 51');
declined.stack = `PermanentTaskError: ${declined.message}
    at Payments.charge (payments.ts:52:13)
    at OrderTasks.charge (order.tasks.ts:18:22)`;
