import type { Application } from '../../support/application.js';
import { Billing, Circumstances, declined, Order, PriceImport } from '../shop.js';

const minute = 60_000;

/** A night in the shop: orders on their way, one that hangs, some that failed, a month's invoices that wait. */
export async function playNight(application: Application): Promise<{ end: () => void }> {
  const { locker, clock } = application;
  const circumstances = application.get(Circumstances);
  const place = async (name: string, customer: string, total: number) => {
    const order = Object.assign(new Order(), { customer, total });
    await locker.schedule(locker.key(Order, name), order, 'order.charge');
  };
  const pass = async (ms: number, pace = 5_000) => {
    for (let left = ms; left > 0; left -= pace) {
      await clock.advance(Math.min(left, pace));
      await application.emulator.tasks.idle();
    }
  };
  const timeout = new Error('POST https://cards.example/v2/charges gave no answer in 10 s');
  timeout.name = 'GatewayTimeout';
  timeout.stack = `${timeout.name}: ${timeout.message}
    at Payments.charge (payments.ts:41:11)
    at OrderTasks.charge (order.tasks.ts:18:22)`;
  circumstances.work = async () => {
    await clock.advance(180 + Math.round(700 * Math.abs(Math.sin(clock.now()))));
  };

  // An order whose charge fails for good at the fourth attempt, and two cards that are no good.
  circumstances.troubles.set('2026-11-4179', timeout);
  circumstances.troubles.set('2026-11-4183', declined);
  circumstances.troubles.set('2026-11-4190', declined);
  await place('2026-11-4179', 'Grace Hopper', 129.9);
  await place('2026-11-4183', 'Alan Kay', 58);
  await pass(4 * minute);
  await place('2026-11-4190', 'Edsger Dijkstra', 17.5);
  await pass(3 * minute);
  // One that struggled, and went on.
  circumstances.troubles.set('2026-11-4201', timeout);
  await place('2026-11-4201', 'Barbara Liskov', 342);
  await pass(50_000);
  circumstances.troubles.delete('2026-11-4201');
  for (const [index, customer] of ['Ada Lovelace', 'Radia Perlman', 'Tony Hoare'].entries())
    await place(`2026-11-42${10 + index}`, customer, 40 + 13 * index);
  // Some that are busy all the time.
  for (const season of ['spring', 'summer', 'autumn', 'winter'])
    await locker.schedule(
      locker.key(PriceImport, `${season}-2027`),
      new PriceImport(),
      'prices.read',
    );
  const billing = Object.assign(new Billing(), { invoices: 14 });
  await locker.schedule(locker.key(Billing, '2026-10'), billing, 'billing.collect');
  await pass(4 * minute);
  for (const [index, customer] of ['Frances Allen', 'Niklaus Wirth'].entries())
    await place(`2026-11-42${20 + index}`, customer, 25 + 31 * index);
  await pass(30_000);
  // One whose task was lost.
  application.emulator.faults.hold();
  const parent = 'projects/test-project/locations/europe-west1/queues/default';
  const before = new Set(
    (await application.emulator.tasks.listTasks({ parent })).tasks.map(({ name }) => name),
  );
  await place('2026-11-4226', 'Margaret Hamilton', 96.4);
  const { tasks } = await application.emulator.tasks.listTasks({ parent });
  for (const { name } of tasks)
    if (name && !before.has(name)) await application.emulator.tasks.deleteTask({ name });
  application.emulator.faults.release();
  await pass(5 * minute);
  // A minute second by second, whose pace is told.
  await pass(minute, 1_000);

  // Two that are at work while somebody looks.
  circumstances.work = () => Promise.resolve();
  const gates = ['2026-11-4231', '2026-11-4232'].map((name) => circumstances.gate(name));
  await place('2026-11-4231', 'Donald Knuth', 512);
  await place('2026-11-4232', 'Lynn Conway', 77);
  await Promise.all(gates.map((gate) => gate.reached));
  await clock.advance(12_000);
  return { end: () => gates.forEach((gate) => gate.open()) };
}
