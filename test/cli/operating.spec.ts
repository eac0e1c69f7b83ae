import type { Key } from '@google-cloud/datastore';
import { PermanentTaskError } from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyToProto } from '../../lib/datastore/keys.js';
import { encodeLockKey } from '../../lib/tasks/lock-key.js';
import { Application, location, projectId } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { Job } from '../support/jobs.js';
import { ChildProgram } from '../emulator/child-program.js';
import { runHere as runProgram } from './run-here.js';
import { eventually } from '../support/eventually.js';

const minute = 60_000;
const toApplication = ['--path', '/tasks/{task}'];

const text = (key: { name?: string }) => `Job/"${key.name}"`;

describe('the command line, beside a running application,', () => {
  const before = { ...process.env };
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({
      options: { namespaces: ['', 'tenant-a'], sweep: { every: '1m' } },
    });
  });
  beforeEach(() => {
    for (const name of Object.keys(process.env))
      if (/^(LOCKER|GOOGLE_CLOUD|DATASTORE|CLOUD_TASKS)_/.test(name)) delete process.env[name];
    Object.assign(process.env, application.emulator.env, {
      GOOGLE_CLOUD_PROJECT: projectId,
      LOCKER_LOCATION: location,
      LOCKER_BASE_URL: application.baseUrl,
    });
  });
  afterEach(async () => {
    process.env = { ...before };
    await clean();
  });
  afterAll(() => application.stop());

  /** Nothing is left that a later test would list. */
  async function clean(): Promise<void> {
    await application.reset();
    for (const namespace of ['', 'tenant-a'])
      for (;;) {
        const query = application.datastore.createQuery(namespace, Job.kind).select('__key__');
        const [found] = await application.datastore.runQuery(query);
        if (found.length === 0) break;
        await application.datastore.delete(
          found.map((one: object): Key => Reflect.get(one, application.datastore.KEY) as Key),
        );
      }
  }

  const runHere = (args: string[], answer?: boolean) =>
    runProgram(args, { clock: application.clock, ...(answer !== undefined && { answer }) });
  const completed = (key: ReturnType<Application['job']>) =>
    eventually(async () => (await application.lock(key)).state === 'completed');
  /** A run that failed for good. */
  async function failed() {
    let attempts = 0;
    const { key, run } = await application.startHeld((_, lease) => {
      if (++attempts === 1) throw new PermanentTaskError('declined');
      return lease.complete();
    });
    await application.deliver({ key, run, step: 1, task: 'one' });
    application.emulator.faults.clear();
    return { key, run };
  }

  async function json(args: string[]): Promise<Record<string, unknown>> {
    const { code, output, errors } = await runHere([...args, '--json']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    return JSON.parse(output) as Record<string, unknown>;
  }

  /** The keys of a list. */
  const keys = async (...args: string[]) =>
    ((await json(['list', ...args]))['chains'] as { key: string }[]).map((one) => one.key);

  /** Chains whose tasks are lost, and that are overdue. */
  async function lost(count: number) {
    const all = [];
    for (let one = 0; one < count; one++) all.push((await application.startHeld()).key);
    await application.reset();
    application.emulator.faults.hold();
    await application.clock.advance(10 * minute);
    await application.reset();
    return all;
  }

  describe('list', () => {
    it('tells of chains of all kinds that owe anything, as a table', async () => {
      const { key } = await application.startHeld();
      const { key: waiting } = await application.startHeld();
      const { code, output } = await runHere(['list']);
      expect(code).toBe(0);
      const [head = '', ...rows] = output.split('\n');
      expect(head).toMatch(/^KEY +STATE +STEP +TASK +FAILED ATTEMPTS +DUE +CHANGED +ERROR$/);
      expect(rows).toHaveLength(2);
      for (const one of [key, waiting])
        expect(output).toMatch(
          new RegExp(`^${text(one)} +ready +1 +one +0 +in \\d+s +\\d+s ago$`, 'm'),
        );
    });

    it('tells programs the same as JSON', async () => {
      const { key, run } = await application.startHeld();
      const list = await json(['list', '--kind', 'Job']);
      const iso: unknown = expect.stringMatching(/^\d{4}-.*Z$/);
      expect(list).toEqual({
        chains: [
          {
            key: text(key),
            state: 'ready',
            run,
            step: 1,
            attempts: 0,
            task: { name: 'one', queue: 'default' },
            dispatch: 0,
            due: iso,
            isOverdue: false,
            changedAt: iso,
          },
        ],
        cursor: null,
        isComplete: true,
      });
    });

    it('lists by state, by namespace and by name', async () => {
      const { key } = await failed();
      const { key: other } = await application.startHeld();
      const elsewhere = application.locker.key(Job, 'a', { namespace: 'tenant-a' });
      await application.locker.schedule(elsewhere, new Job(), 'one');
      expect(await keys('--state', 'failed')).toEqual([text(key)]);
      expect(await keys('--state', 'ready')).toEqual([text(other)]);
      expect(await keys('--namespace', 'tenant-a')).toEqual(['tenant-a:Job/"a"']);
      expect(await keys('--state', 'any', '--prefix', other.name ?? '')).toEqual([text(other)]);
      process.env['LOCKER_NAMESPACES'] = ',tenant-a';
      expect(await keys('--state', 'ready')).toEqual([text(other), 'tenant-a:Job/"a"']);
    });

    it('goes on where it ended', async () => {
      for (let one = 0; one < 5; one++) await application.startHeld();
      const seen: string[] = [];
      let cursor: unknown;
      do {
        const more = typeof cursor === 'string' ? ['--cursor', cursor] : [];
        const page = await json(['list', '--kind', 'Job', '--limit', '2', ...more]);
        seen.push(...(page['chains'] as { key: string }[]).map(({ key }) => key));
        cursor = page['cursor'];
      } while (cursor !== null);
      expect(seen).toHaveLength(5);
      expect(new Set(seen).size).toBe(5);
      const { output } = await runHere(['list', '--kind', 'Job', '--limit', '2']);
      expect(output).toMatch(/There are more: --cursor \S+$/);
    });

    it('says so when there is nothing', async () => {
      expect(await runHere(['list'])).toMatchObject({ code: 0, output: 'No chains.' });
    });
  });

  describe('show', () => {
    it('tells all about a chain, its history too', async () => {
      const { key, run } = await failed();
      const { code, output } = await runHere(['show', text(key)]);
      expect(code).toBe(0);
      expect(output).toMatch(new RegExp(`^Key +${text(key)}$`, 'm'));
      expect(output).toMatch(/^State +failed$/m);
      expect(output).toMatch(/^Error +PermanentTaskError: declined/m);
      expect(output).toMatch(/^TIME +STEP +ATTEMPT +OUTCOME +TOOK\n\S+Z +1 +1 +failed +\d+ ms$/m);
      expect(await json(['show', text(key)])).toMatchObject({
        key: text(key),
        state: 'failed',
        run,
        step: 1,
        attempts: 1,
        error: expect.stringContaining('declined') as string,
        history: [{ step: 1, attempt: 1, outcome: 'failed' }],
      });
    });

    it('takes a key in every form', async () => {
      const { key } = await application.startHeld();
      const proto = keyToProto(key);
      const urlsafe = await new Promise<string>((resolve, reject) => {
        application.datastore.keyToLegacyUrlSafe(key, '', (error, encoded) =>
          encoded === undefined ? reject(error ?? new Error('nothing')) : resolve(encoded),
        );
      });
      for (const form of [
        `Job/${key.name}`,
        `Job/"${key.name}"`,
        encodeLockKey({ projectId, databaseId: '', key: proto }),
        urlsafe,
      ])
        expect(await json(['show', form])).toMatchObject({ key: text(key), state: 'ready' });
    });

    it('finds keys in namespaces, below ancestors, and with ids', async () => {
      const parent = application.datastore.key(['Shop', 'main']);
      const key = application.locker.key(Job, 7, { parent, namespace: 'tenant-a' });
      await application.locker.schedule(key, new Job(), 'one');
      const expected = { key: 'tenant-a:Shop/"main"/Job/7' };
      expect(await json(['show', 'tenant-a:Shop/main/Job/7'])).toMatchObject(expected);
      expect(await json(['show', 'Shop/main/Job/7', '--namespace', 'tenant-a'])).toMatchObject(
        expected,
      );
    });

    it.each([
      ['nothing is stored', 'Job/nobody', 1, /Job\/"nobody"/],
      ['it is no key', 'Job', 2, /'Job' is no key; expected one such as Order\/42/],
      ['it has no end', 'Job/', 2, /'Job\/' is no key/],
    ])('fails where %s', async (_, key, code, message) => {
      const said = await runHere(['show', key]);
      expect(said).toMatchObject({ code, output: '' });
      expect(said.errors).toMatch(message);
    });

    it('refuses a key of another project, and one of another namespace than is said', async () => {
      const key = { path: [{ kind: 'Job', name: 'a' }], partitionId: { namespaceId: 'x' } };
      const encoded = encodeLockKey({ projectId: 'other', databaseId: '', key });
      const other = await runHere(['show', encoded]);
      expect(other).toMatchObject({ code: 2 });
      expect(other.errors).toMatch(/A key is of project "other", not of "test-project"\./);
      const elsewhere = await runHere(['show', 'x:Job/a', '--namespace', 'y']);
      expect(elsewhere).toMatchObject({ code: 2 });
      expect(elsewhere.errors).toMatch(/in another namespace than --namespace y/);
    });
  });

  describe('retry', () => {
    it('lets a run go on, and creates its task where it knows the path', async () => {
      const { key, run } = await failed();
      expect(await json(['retry', text(key), ...toApplication])).toEqual({
        done: 1,
        failed: 0,
        results: [{ key: text(key), done: true, run, dispatched: true }],
      });
      await completed(key);
    });

    it('leaves its task to the sweep otherwise, and says so', async () => {
      // The queue remembers the names of the sweeps that earlier tests have purged.
      await application.clock.advance(5 * minute);
      const { key } = await failed();
      const { code, output, errors } = await runHere(['retry', text(key)]);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output).toMatch(
        /: retried\.\nThe next sweep creates its task, in two or three minutes/,
      );
      expect((await application.lock(key)).state).toBe('ready');
      for (let minutes = 0; minutes < 4; minutes++) {
        await application.clock.advance(minute);
        await application.emulator.tasks.idle();
      }
      await completed(key);
    });

    it('says what could not be done, and ends with 1', async () => {
      const { key: good } = await failed();
      const { key } = await application.startHeld();
      const said = await runHere(['retry', text(key), text(good), ...toApplication]);
      expect(said).toMatchObject({ code: 1, output: '1 of 2 chains: retried.' });
      expect(said.errors).toBe(`The run on ${text(key)} is ready, so it cannot be retried.`);
      const { code, output } = await runHere(['retry', text(key), '--json']);
      expect(code).toBe(1);
      expect(JSON.parse(output)).toMatchObject({
        done: 0,
        failed: 1,
        results: [{ key: text(key), done: false, error: { code: 'RUN_STATE' } }],
      });
    });

    it('--all asks, and retries all that failed, with a bar', async () => {
      const all = [await failed(), await failed(), await failed()];
      const { key: other } = await application.startHeld();
      const refused = await runHere(['retry', '--all', ...toApplication], false);
      expect(refused).toMatchObject({ code: 0, errors: 'Nothing was changed.', output: '' });
      expect(refused.questions).toEqual(['Retry 3 failed chains?']);
      expect((await application.lock(all[0]?.key ?? other)).state).toBe('failed');
      const said = await runHere(['retry', '--all', ...toApplication], true);
      expect(said).toMatchObject({
        code: 0,
        output: '3 of 3 chains: retried.',
        bars: ['Retry 3/3'],
      });
      application.emulator.faults.clear();
      for (const { key } of all) await completed(key);
      expect((await application.lock(other)).tries).toBe(0);
    });

    it('--all refuses where nobody can be asked, unless it is told --yes', async () => {
      const { key } = await failed();
      const refused = await runHere(['retry', '--all', '--kind', 'Job']);
      expect(refused).toMatchObject({ code: 2, output: '' });
      expect(refused.errors).toMatch(
        /would change 1 failed chains of Job, and nobody can be asked: say --yes/,
      );
      expect((await application.lock(key)).state).toBe('failed');
      const said = await runHere(['retry', '--all', '--kind', 'Job', '--yes']);
      expect(said).toMatchObject({ code: 0, questions: [] });
      expect((await application.lock(key)).state).toBe('ready');
      expect(await runHere(['retry', '--all', '--yes'])).toMatchObject({ output: 'No chains.' });
    });
  });

  describe('cancel', () => {
    it('ends a run, and needs to know no queue for it', async () => {
      const { key } = await application.startHeld();
      delete process.env['LOCKER_LOCATION'];
      delete process.env['LOCKER_BASE_URL'];
      expect(await runHere(['cancel', text(key)])).toMatchObject({
        code: 0,
        output: `${text(key)}: cancelled.`,
      });
      expect((await application.lock(key)).state).toBe('cancelled');
    });

    it('--all ends all of a kind and state', async () => {
      const { key: other } = await failed();
      const { key } = await application.startHeld();
      const args = ['cancel', '--all', '--kind', 'Job', '--state', 'ready'];
      expect(await runHere(args)).toMatchObject({ code: 2 });
      expect((await application.lock(key)).state).toBe('ready');
      expect(await runHere([...args, '--yes'])).toMatchObject({ code: 0 });
      expect((await application.lock(key)).state).toBe('cancelled');
      expect((await application.lock(other)).state).toBe('failed');
    });
  });

  it('run-now has a step run that is due later', async () => {
    const key = application.job();
    await application.locker.schedule(key, new Job(), 'one', { delay: '5h' });
    expect(await runHere(['run-now', text(key), ...toApplication])).toMatchObject({
      code: 0,
      output: `${text(key)}: due now.`,
    });
    await completed(key);
  });

  it('release takes a lease from its holder', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const released = await json(['release', text(key), ...toApplication]);
    expect(released).toMatchObject({ done: 1, results: [{ state: 'ready', dispatched: true }] });
    gate.open();
    expect(await holder).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(await application.lock(key)).toMatchObject({ state: 'ready', tries: 1 });
  });

  it('release of the last attempt fails the run, and leaves the alert to the application', async () => {
    process.env['LOCKER_MAX_RETRIES'] = '0';
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const released = await json(['release', text(key)]);
    expect(released).toMatchObject({ results: [{ state: 'failed' }] });
    gate.open();
    await holder;
    expect((await application.lock(key)).due).toBeDefined();
    expect(application.alerts).toEqual([]);
    await application.clock.advance(5 * minute);
    await application.locker.recover();
    expect(application.alerts).toMatchObject([{ type: 'failed', run }]);
  });

  it('redispatch creates a task that was lost', async () => {
    const { key } = await application.startHeld();
    await application.reset();
    expect(await runHere(['redispatch', text(key), ...toApplication])).toMatchObject({
      code: 0,
      output: `${text(key)}: dispatched again.`,
    });
    await completed(key);
  });

  describe('recover', () => {
    it('has the application sweep, and waits for that with a bar', async () => {
      const all = await lost(3);
      const said = await runHere(['recover', '--wait', '30s']);
      expect(said).toMatchObject({
        code: 0,
        errors: '',
        output:
          '3 chains were overdue; the application was asked to sweep namespace "". None is overdue any more.',
        bars: ['Recover 3/3'],
      });
      for (const key of all) await completed(key);
    });

    it('tells programs the same', async () => {
      await lost(2);
      expect(await json(['recover', '--wait', '30s', '--kind', 'Job'])).toEqual({
        namespaces: [''],
        overdue: 2,
        left: 0,
      });
      expect(await json(['recover', '--namespace', 'tenant-a'])).toEqual({
        namespaces: ['tenant-a'],
        overdue: 0,
      });
    });

    it('ends with 1 when the time is up and something is overdue still', async () => {
      await lost(1);
      application.emulator.faults.hold();
      const said = await runHere(['recover', '--wait', '10ms']);
      expect(said).toMatchObject({ code: 1, bars: ['Recover 0/1'] });
      expect(said.output).toMatch(/ 1 still are\.$/);
    });
  });

  it.each([
    [['list', '--state', 'lost'], /'lost' is invalid\. Allowed choices are owing,/],
    [['list', '--limit', '0'], /--limit: expected a number from 1 on, got '0'/],
    [['list', '--prefix', 'a'], /--prefix: goes with --state any/],
    [['list', '--cursor', 'a'], /--cursor: goes with one --kind/],
    [['show'], /[Mm]issing required argument 'key'/],
    [['retry'], /retry: expected keys, or --all\./],
    [['retry', 'Job/a', '--all'], /--all: goes without keys/],
    [['retry', 'Job/a', '--kind', 'Job'], /go with --all/],
    [['retry', 'Job/a', '--path', 'tasks'], /--path: expected one such as/],
    [['cancel', '--all', '--yes'], /cancel --all: expected a --kind and a --state/],
    [['release'], /release: expected keys\.$/m],
    [['recover', '--wait', 'soon'], /--wait: expected a duration such as 2m, got 'soon'/],
  ])('refuses %j', async (args, message) => {
    const { code, output, errors } = await runHere(args);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toMatch(message);
    expect(errors).toContain(`Usage: nestjs-datastore-locker ${args[0]}`);
  });

  it('names the option or variable that it lacks', async () => {
    delete process.env['LOCKER_LOCATION'];
    const noLocation = await runHere(['retry', 'Job/a']);
    expect(noLocation).toMatchObject({ code: 2 });
    expect(noLocation.errors).toMatch(/LOCKER_LOCATION expected .* Or say --location\./);
    const said = await runHere(['retry', 'Job/a', '--location', location]);
    expect(said).toMatchObject({ code: 1 });
    expect(said.errors).toMatch(/Job\/"a"/);
  });

  it('does the same as a process, which ends by itself', async () => {
    const { key } = await failed();
    const listing = new ChildProgram('list', '--state', 'failed', '--json');
    expect(await listing.ended()).toEqual({ code: 0, signal: null });
    expect(JSON.parse(listing.lines.join('\n'))).toMatchObject({ chains: [{ key: text(key) }] });
    const asking = new ChildProgram('retry', '--all');
    expect(await asking.ended()).toEqual({ code: 2, signal: null });
    expect(asking.errors[0]).toMatch(/nobody can be asked: say --yes/);
    const retrying = new ChildProgram('retry', '--all', '--yes', ...toApplication);
    expect(await retrying.ended()).toEqual({ code: 0, signal: null });
    expect(retrying.errors).toEqual([]);
    await completed(key);
    const again = new ChildProgram('retry', `Job/${key.name}`);
    expect(await again.ended()).toEqual({ code: 1, signal: null });
    expect(again.errors.join('\n')).toMatch(/is completed, so it cannot be retried/);
  });

  it('fails when Datastore does not answer', async () => {
    application.emulator.faults.add({
      fault: 'fail-before',
      service: 'datastore',
      code: 'PERMISSION_DENIED',
    });
    const { code, errors } = await runHere(['list', '--kind', 'Job']);
    expect(code).toBe(1);
    expect(errors).toMatch(/PERMISSION_DENIED/);
  });
});
