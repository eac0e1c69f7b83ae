import { setTimeout as sleep } from 'node:timers/promises';
import { LockerService } from 'nestjs-datastore-locker';
import { Counter } from '../counter.js';
import { colour, type Output } from '../../surroundings/output.js';
import { start, type Started } from './start.js';
import { printStored, printVerdict } from './summary.js';
import { countDuplicates, problemsOf } from './verdict.js';

/** How long to wait for a chain, or for a duplicate after it, milliseconds. Real queues take their time. */
const patience = 120_000;

/** Starts the sample, begins a chain, tells what happens until it is over, and judges; resolves to the exit code. */
export async function runToTheEnd(environment: NodeJS.ProcessEnv, output: Output): Promise<number> {
  output.line();
  output.line(
    '  A counter to 10: a chain of ten tasks, each of which must run once, whatever the queue does.',
  );
  output.line();
  const started = await start(environment, output);
  try {
    return await watchOneChain(started, output);
  } finally {
    await started.stop();
  }
}

async function watchOneChain({ app, logger, url }: Started, output: Output): Promise<number> {
  const { id, run } = await begin(url);
  output.line(colour('dim', `  POST /start   Counter ${id}, run ${run}`));
  output.line();

  const locker = app.get(LockerService);
  const key = locker.key(Counter, BigInt(id));
  const eventsOfRun = () => logger.events.filter((event) => event.run === run);
  const counter = async () => (await locker.get(key)) ?? new Counter();
  await until(async () => !(await counter()).lock.active);
  await until(() => {
    const { over, thrownIn } = countDuplicates(eventsOfRun());
    return over >= thrownIn;
  });

  const stored = await counter();
  const { value, limit, lock } = stored;
  printStored(`Counter ${id}`, stored, output);
  const evidence = {
    events: eventsOfRun(),
    value,
    limit,
    state: lock.state,
    history: lock.history,
  };
  return printVerdict(problemsOf(evidence), limit, output);
}

async function begin(url: string): Promise<{ id: string; run: string }> {
  const response = await fetch(`${url}/start`, { method: 'POST' });
  const body: unknown = await response.json();
  if (typeof body !== 'object' || !body || !('id' in body) || !('run' in body))
    throw new Error(`POST /start answered ${response.status}: ${JSON.stringify(body)}`);
  return { id: String(body.id), run: String(body.run) };
}

/** Resolves when `condition` holds, or when patience is at an end. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patience;
  while (!(await condition()) && Date.now() < end) await sleep(100);
}
