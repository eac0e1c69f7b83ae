import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Departure } from '../../lib/delivery/departure.js';
import { DeliveryLog } from '../../lib/delivery/delivery-log.js';
import { Pace } from '../../lib/delivery/pace.js';
import { DatastoreUnavailableError } from '../../lib/locker.errors.js';
import { systemClock } from '../../lib/system/clock.js';
import { parseTaskRequest } from '../../lib/tasks/task-request.js';
import { adapters, Application, projectId } from '../support/application.js';
import { headersOf } from '../support/delivery.js';
import { Gate } from '../support/gate.js';
import { MemoryLogger, type LogLine } from '../support/memory-logger.js';

const minute = 60_000;
const another = 'b'.repeat(32);

/** What the log says of deliveries: level, sentence and fields. */
const said = ({ lines }: MemoryLogger) =>
  lines.filter(({ message }) => /^(Acquired|Took over|Dropped|Refused|Ran) /.test(message));

/** A task of step 1 that was dropped. */
const of = (name?: string) => `Dropped a task for step 1 of Job/"${name}": stale,`;

/** A line at the level that people see when they asked for all, or of an error. */
const line = (message: string | RegExp, fields: object): LogLine => ({
  level: 'log',
  message: (typeof message === 'string' ? message : expect.stringMatching(message)) as string,
  fields: expect.objectContaining(fields) as unknown,
});

describe.each(adapters)('verbose tells on %s', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  it('of a step that is free, and what became of it', async () => {
    const { key, run } = await application.startHeld((_, lease) => lease.next());
    await application.deliver({ key, run, step: 1, task: 'one' });
    const text = `Job/"${key.name}"`;
    const fields = { key: text, run, step: 1, task: 'forged', attempt: 1 };
    expect(said(application.logger)).toEqual([
      line(`Acquired step 1 of ${text}, attempt 1: it was free`, {
        ...fields,
        outcome: 'acquired',
        reason: 'it was free',
      }),
      line(/^Ran step 1 of .*, attempt 1: advanced in \d+ ms$/, {
        ...fields,
        status: 200,
        outcome: 'advanced',
      }),
    ]);
  });

  it('of an entity that is not there, of another run, and of one that has ended', async () => {
    const nowhere = application.job();
    await application.deliver({ key: nowhere, run: another, step: 1, task: 'one' });
    const { key, run } = await application.startHeld();
    await application.deliver({ key, run: another, step: 1, task: 'one' });
    await application.deliver({ key, run, step: 1, task: 'one' });
    application.logger.lines.splice(2);
    await application.deliver({ key, run, step: 1, task: 'one' });
    const fields = { status: 200, outcome: 'stale' };
    expect(said(application.logger)).toEqual([
      line(`${of(nowhere.name)} nothing was scheduled`, fields),
      line(`${of(key.name)} it belongs to another run`, fields),
      line(`${of(key.name)} the run is completed`, fields),
    ]);
  });

  it('of a step that is over, and whether the next one has its task', async () => {
    const { key, run } = await application.startHeld((_, lease) => lease.next());
    const delivery = { key, run, step: 1, task: 'one' };
    await application.deliver(delivery);
    application.logger.lines.length = 0;
    await application.deliver(delivery);
    application.emulator.faults.add({
      fault: 'fail-before',
      method: 'createTask',
      code: 'NOT_FOUND',
    });
    await application.deliver(delivery);
    expect(said(application.logger)).toEqual([
      line(/: stale, the chain is at step 2; what it owes was done first$/, { status: 200 }),
      line(/^Refused .*: stale, the chain is at step 2; what it owes is not done yet$/, {
        status: 409,
      }),
    ]);
  });

  it('of a step that the entity has not come to, and of one that waits', async () => {
    const { key, run } = await application.startHeld((_, lease) =>
      lease.next('two', { waitFor: 1, within: '1h' }),
    );
    await application.deliver({ key, run, step: 7, task: 'one' });
    await application.deliver({ key, run, step: 1, task: 'one' });
    await application.deliver({ key, run, step: 2, task: 'two' });
    expect(said(application.logger)).toMatchObject([
      line(/: ahead, the entity has not come to this step$/, { status: 200, outcome: 'ahead' }),
      { message: expect.stringMatching(/^Acquired/) as string },
      { message: expect.stringMatching(/^Ran/) as string },
      line(/: stale, the step waits for arrivals$/, { status: 200, outcome: 'stale' }),
    ]);
    await application.clock.advance(61 * minute);
    application.logger.lines.length = 0;
    await application.deliver({ key, run, step: 2, task: 'two' });
    expect(said(application.logger)[0]).toEqual(
      line(/^Acquired step 2 .*: not all arrivals came before its deadline$/, {}),
    );
  });

  it('of a task that was superseded', async () => {
    const { key, run } = await application.startHeld(() => {
      throw new Error('broken');
    });
    const delivery = { key, run, step: 1, task: 'one' };
    await application.deliver(delivery);
    expect(said(application.logger)[1]).toEqual(
      line(/: released in \d+ ms$/, { outcome: 'released', status: undefined }),
    );
    application.logger.lines.length = 0;
    await application.deliver(delivery);
    expect(said(application.logger)).toEqual([
      line(/: superseded, a later task of this step was scheduled; what it owes was done first$/, {
        status: 200,
        outcome: 'superseded',
      }),
    ]);
  });

  it('of a lease whose commit was answered by nothing', async () => {
    const { key, run } = await application.startHeld();
    application.emulator.faults.add({ fault: 'fail-after', method: 'commit', times: 1 });
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(said(application.logger)[0]).toEqual(
      line(/^Acquired step 1 .*: by a commit whose answer had been lost$/, { attempt: 1 }),
    );
  });

  it('of a holder that is alive, one that is taken over, and an attempt too many', async () => {
    for (const task of ['one', 'fragile']) {
      const gate = new Gate();
      const { key, run } = await application.startHeld(
        (_, lease) => (lease.attempt === 1 ? gate.pass() : undefined),
        task,
      );
      const delivery = { key, run, step: 1, task };
      const holder = application.deliver(delivery);
      await gate.reached;
      application.own.stall();
      application.logger.lines.length = 0;
      await application.deliver(delivery);
      await application.clock.advance(2 * minute);
      await application.deliver(delivery);
      const [busy, after] = said(application.logger);
      expect(busy).toEqual(
        line(/^Refused .*: busy, another request holds the lease$/, {
          status: 409,
          outcome: 'busy',
        }),
      );
      expect(after).toEqual(
        task === 'one'
          ? line(/^Took over step 1 of .*, attempt 2: its holder had gone silent$/, {
              attempt: 2,
              outcome: 'taken-over',
            })
          : line(/^Dropped .*: failed, the last attempt was lost; what it owes was done first$/, {
              status: 200,
              outcome: 'failed',
            }),
      );
      gate.open();
      application.own.resume();
      await holder;
    }
  });

  it('of an instance that goes', async () => {
    const going = await Application.ofJobs({ adapter, beside: application });
    const { key, run } = await application.startHeld();
    await going.get(Departure).begin(0);
    application.logger.lines.length = 0;
    await going.deliver({ key, run, step: 1, task: 'one' });
    expect(said(application.logger)).toEqual([
      line(/^Refused .*: closing, this instance shuts down$/, { status: 409, outcome: 'closing' }),
    ]);
    await going.stop();
  });
});

describe('the log of deliveries', () => {
  const logger = new MemoryLogger();
  const key = { path: ['Job', 'a'], kind: 'Job', name: 'a' } as never;
  const request = parseTaskRequest(
    headersOf({ key, run: another, step: 1, task: 'one' }, projectId),
  );
  afterEach(() => {
    logger.lines.length = 0;
  });

  it('is quiet about what nobody has to act on, unless it is verbose', () => {
    const log = new DeliveryLog(logger, false, new Pace(systemClock));
    log.dropped(request, { status: 200, outcome: 'stale', reason: 'it belongs to another run' });
    expect(logger.lines).toMatchObject([{ level: 'debug' }]);
  });

  it('is loud about what could not be decided', () => {
    const log = new DeliveryLog(logger, false, new Pace(systemClock));
    log.undecided(request, new DatastoreUnavailableError('Job/"a"', new Error('down')));
    expect(logger.lines).toMatchObject([
      { level: 'warn', fields: { status: 503, outcome: 'DATASTORE_UNAVAILABLE', step: 1 } },
    ]);
  });
});
