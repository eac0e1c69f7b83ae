import { Datastore } from '@google-cloud/datastore';
import { Test } from '@nestjs/testing';
import { LockerTesting } from 'nestjs-datastore-locker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { count, sum } from '../../sample/03-mapper/mapper/counters.js';
import { MapJob, MapNamespace, MapShard } from '../../sample/03-mapper/mapper/entities.js';
import { mapperConfig } from '../../sample/03-mapper/mapper/mapper.config.js';
import { MapperModule } from '../../sample/03-mapper/mapper/mapper.module.js';
import { split } from '../../sample/03-mapper/mapper/shards.js';
import { Archive } from '../../sample/03-mapper/show/archive.js';
import { progress } from '../../sample/03-mapper/show/progress.js';
import { runToTheEnd } from '../../sample/03-mapper/show/run-to-the-end.js';
import { namespaces, storeReadings } from '../../sample/03-mapper/show/store-readings.js';
import {
  problemsOf,
  problemsOfAborted,
  type Evidence,
} from '../../sample/03-mapper/show/verdict.js';
import { staffConfig } from '../../sample/staff/staff.config.js';
import { MemoryLogger } from '../support/memory-logger.js';
import { cleanEnvironment } from './clean-environment.js';

const total = 200;
const password = 'open sesame';

describe('the mapper of the mapper sample, on Express', () => {
  let testing: LockerTesting;
  let archive: Archive;
  beforeAll(async () => {
    testing = await LockerTesting.start(({ datastoreHost }) =>
      Test.createTestingModule({ imports: [MapperModule] })
        .setLogger(new MemoryLogger())
        .overrideProvider(Datastore)
        .useValue(new Datastore({ projectId: 'locker-testing', apiEndpoint: datastoreHost }))
        .overrideProvider(mapperConfig.KEY)
        .useValue({ sliceMs: 0, batch: 10 })
        .overrideProvider(staffConfig.KEY)
        .useValue({ password }),
    );
    archive = new Archive(testing.get(Datastore));
  });
  beforeEach(() => storeReadings(testing.get(Datastore), total, () => undefined));
  afterEach(() => testing.reset());
  afterAll(() => testing.close());

  const post = async (path: string, body: object = {}) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(testing.url + path, init)).status;
  };
  const start = () => post('/jobs/one', { namespaces, shardsEach: 2 });
  const jobKey = () => testing.locker.key(MapJob, 'one');
  const namespaceKey = (name: string) => testing.locker.key(MapNamespace, `one/${name}`);
  const shardKey = (name: string) => testing.locker.key(MapShard, `one/${name}`);

  it('counts what a plain scan counts', async () => {
    expect(await start()).toBe(201);
    await testing.tasks.drain();
    await testing.expectChain(jobKey()).toHaveCommitted(2);
    const job = await testing.locker.get(jobKey());
    expect(job?.counters).toEqual(await archive.scan(namespaces));
    expect(job?.counters.readings).toBe(total);
    const shards = await archive.shards('one');
    expect(shards).toHaveLength(8);
    for (const { slices, readings } of shards) expect(slices).toBe(Math.floor(readings / 10) + 1);
  });

  /** What the console tells of a chain. */
  const shown = async (key: string) => {
    const headers = { authorization: `Basic ${btoa(`ada:${password}`)}` };
    const response = await fetch(`${testing.url}/locker/api/chain?key=${key}`, { headers });
    return response.json();
  };

  it('shows in the console how far a job and its parts are', async () => {
    await start();
    expect(await shown('MapJob/"one"')).toMatchObject({
      state: 'ready',
      properties: { Progress: '0 %: 0 of 0 readings' },
    });
    await testing.tasks.deliver(await testing.tasks.next(jobKey()));
    await testing.tasks.deliver(await testing.tasks.next(namespaceKey('north')));
    await testing.tasks.deliver(await testing.tasks.next(shardKey('north/0')));
    expect(await shown('MapJob/"one"')).toMatchObject({
      state: 'waiting',
      arrivals: 4,
      properties: {
        Progress: '5 %: 10 of 200 readings',
        'Shards that have ended': '0 of 8',
        Aborted: 'no',
      },
    });
    expect(await shown('MapShard/"one/north/0"')).toMatchObject({
      state: 'ready',
      step: 2,
      properties: {
        Names: 'from 0000, up to 8000',
        Counted: '10 readings in 1 slices',
      },
    });
    await testing.tasks.drain();
    const done = { Progress: '100 %: 200 of 200 readings', 'Shards that have ended': '8 of 8' };
    expect(await shown('MapJob/"one"')).toMatchObject({ state: 'completed', properties: done });
    const north = { Counted: '50 readings', 'Shards that have ended': '2 of 2' };
    expect(await shown('MapNamespace/"one/north"')).toMatchObject({ properties: north });
  });

  it('counts what a plain scan counts, though answers of Datastore get lost', async () => {
    await start();
    const lost = { fault: 'fail-after', service: 'datastore', method: 'commit' } as const;
    testing.emulator.faults.add({ ...lost, probability: 0.4 });
    await testing.tasks.drain();
    testing.emulator.faults.clear();
    testing.emulator.faults.hold();
    await testing.tasks.drain();
    const job = await testing.locker.get(jobKey());
    expect(job?.counters).toEqual(await archive.scan(namespaces));
  });

  it('counts a shard once, though its last slice is delivered twice at once', async () => {
    await start();
    const before = await testing.locker.get(namespaceKey('north'));
    expect(before).toBeUndefined();
    await testing.tasks.deliver(await testing.tasks.next(jobKey()));
    await testing.tasks.deliver(await testing.tasks.next(namespaceKey('north')));
    for (let last = false; !last;) {
      const task = await testing.tasks.next(shardKey('north/0')).catch(() => undefined);
      const waiting = (await testing.tasks.waiting(shardKey('north/0'))).at(-1) ?? task;
      if (!waiting) break;
      const answers = await testing.tasks.deliver(waiting, { times: 2 });
      last = answers.some(({ outcome }) => outcome === 'completed');
    }
    const shard = await testing.locker.get(shardKey('north/0'));
    const north = await testing.locker.get(namespaceKey('north'));
    expect(north?.counters).toEqual(shard?.counters);
    await testing.expectChain(namespaceKey('north')).toBeWaiting(1);
    await testing.tasks.drain();
    expect((await testing.locker.get(jobKey()))?.counters).toEqual(await archive.scan(namespaces));
  });

  it('ends every task of an aborted job quietly', async () => {
    await start();
    await testing.tasks.deliver(await testing.tasks.next(jobKey()));
    await testing.tasks.deliver(await testing.tasks.next(namespaceKey('north')));
    await testing.tasks.deliver(await testing.tasks.next(shardKey('north/0')));
    expect(await post('/jobs/one/abort')).toBe(200);
    await testing.tasks.drain();
    await testing.expectChain(jobKey()).toBeCancelled();
    await testing.expectChain(namespaceKey('north')).toBeCancelled();
    await testing.expectChain(shardKey('north/0')).toBeCompleted();
    expect(await archive.shards('one')).toHaveLength(2);
    expect((await testing.locker.get(shardKey('north/0')))?.counters.readings).toBe(10);
    expect(testing.alerts).toEqual([]);
    expect(await post('/jobs/one/abort')).toBe(200);
  });
});

describe('shards', () => {
  it.each([1, 2, 7, 16, 1_000])('%i of them cover every name once', (shards) => {
    const ranges = split(shards);
    expect(ranges).toHaveLength(shards);
    expect(ranges[0]?.from).toBe('0000');
    expect(ranges.at(-1)?.to).toBe('g');
    for (const [index, { from, to }] of ranges.entries()) {
      expect(from < to).toBe(true);
      expect(ranges[index + 1]?.from ?? 'g').toBe(to);
    }
  });
});

describe('the verdict of the mapper sample', () => {
  const counters = count([{ tenths: -5 }, { tenths: 20 }]);
  const shard = { name: 'north', readings: 2, slices: 2, isOver: true };
  const good: Evidence = { state: 'completed', counters, shards: [shard] };

  it('adds up', () => {
    expect(counters).toEqual({ readings: 2, frosts: 1, tenths: 15 });
    expect(sum(counters, counters)).toEqual({ readings: 4, frosts: 2, tenths: 30 });
  });

  it.each<[string[], Partial<Evidence>]>([
    [[], {}],
    [['The job is failed, not completed.'], { state: 'failed' }],
    [['The job counted 3 readings; a plain scan, 2.'], { counters: { ...counters, readings: 3 } }],
    [['The job counted 0 frosts; a plain scan, 1.'], { counters: { ...counters, frosts: 0 } }],
    [['The job counted 9 tenths; a plain scan, 15.'], { counters: { ...counters, tenths: 9 } }],
    [['No shard needed more than one slice.'], { shards: [{ ...shard, slices: 1 }] }],
  ])('says of a whole job: %j', (problems, change) => {
    expect(problemsOf({ ...good, ...change }, counters)).toEqual(problems);
  });

  it.each<[string[], Partial<Evidence>]>([
    [[], {}],
    [['The aborted job is completed, not cancelled.'], { state: 'completed' }],
    [['1 shards of the aborted job still run.'], { shards: [{ ...shard, isOver: false }] }],
    [['The aborted job went on to its end.'], { shards: [{ ...shard, readings: 10 }] }],
  ])('says of an aborted job: %j', (problems, change) => {
    expect(problemsOfAborted({ ...good, state: 'cancelled', ...change }, 10)).toEqual(problems);
  });
});

// It runs in real time; a busy machine takes its own.
describe('the mapper sample', { timeout: 60_000 }, () => {
  let restore: () => void;
  beforeEach(() => {
    restore = cleanEnvironment();
  });
  afterEach(() => restore());

  it('maps, aborts, and says so', async () => {
    const lines: string[] = [];
    const environment = { READINGS: '1000', SHARDS: '2', MAPPER_SLICE_MS: '0', MAPPER_BATCH: '10' };
    Object.assign(process.env, environment);
    const code = await runToTheEnd(process.env, { line: (text = '') => lines.push(text) });
    const story = lines.join('\n');
    expect(story).toMatch(/Console {6}http:.*\/locker, as anybody with the password \w+/);
    expect(story).toContain('The job counted what a plain scan counts');
    expect(story).toMatch(/the job {7}(\{"readings":1000,.*\})\n.*a plain scan {2}\1/);
    expect(code).toBe(0);
  });

  it('tells of progress in plain lines where there is no terminal', () => {
    const lines: string[] = [];
    const told = progress('counted', 8, { line: (text = '') => lines.push(text.trim()) }, false);
    for (const done of [1, 2, 3, 8]) told.at(done);
    told.end();
    expect(lines).toEqual(['counted   0%  0 of 8', 'counted  25%  2 of 8', 'counted 100%  8 of 8']);
  });
});
