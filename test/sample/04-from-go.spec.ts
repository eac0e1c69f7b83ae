import { Test } from '@nestjs/testing';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { LockerTesting } from 'nestjs-datastore-locker/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LockerService } from 'nestjs-datastore-locker';
import { AppModule } from '../../sample/04-from-go/app.module.js';
import { Import } from '../../sample/04-from-go/import.js';
import { Entity, leftByGo } from '../../sample/04-from-go/left-by-go.js';
import { problemsOf } from '../../sample/04-from-go/show/problems.js';
import { runToTheEnd } from '../../sample/04-from-go/show/run-to-the-end.js';
import { decodeLockKey } from '../../lib/tasks/lock-key.js';
import { cleanEnvironment } from './clean-environment.js';

// It runs in real time; a busy machine takes its own.
describe('the from-go sample', { timeout: 60_000 }, () => {
  const lines: string[] = [];
  const run = (limitMs?: number) =>
    runToTheEnd(process.env, { line: (text = '') => lines.push(text) }, limitMs);
  let restore: () => void;
  beforeEach(() => {
    lines.length = 0;
    restore = cleanEnvironment();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    restore();
  });

  it('takes over what Go left, and says so', async () => {
    expect(await run()).toBe(0);
    const story = lines.join('\n');
    expect(story).toContain('seen 5, adopted 4, over 1, failed 0');
    expect(story).toContain('Dropped a task for step 6 of Import/"done": stale');
    expect(story).toContain('All 5 are completed, each step ran once and in order');
  });

  it('fails when what was not adopted stays where it is', async () => {
    vi.spyOn(LockerService.prototype, 'adopt').mockResolvedValue({
      seen: 0,
      adopted: 0,
      over: 0,
      left: 0,
      failed: 0,
    });
    expect(await run(1_500)).toBe(1);
    expect(lines.join('\n')).toMatch(/Import "lost" is held, not completed/);
  });
});

describe('the bytes of the from-go sample', () => {
  const left = leftByGo();

  it('are what the Go library stored: four properties of the lock, all indexed', () => {
    for (const { entity } of left) {
      const { properties } = Entity.decode(entity);
      const own = Object.keys(properties).filter((name) => name.startsWith('lock_'));
      expect(own.toSorted()).toEqual(['lock_req', 'lock_seq', 'lock_try', 'lock_ts']);
      for (const name of own) expect(properties[name]?.excludeFromIndexes).toBe(false);
    }
  });

  it('name their entities in the form of App Engine', () => {
    for (const { name, tasks } of left)
      for (const { headers } of tasks)
        expect(decodeLockKey(headers['X-Lock-Key'] ?? '')).toMatchObject({
          projectId: 'from-go-sample',
          key: { path: [{ kind: 'Import', name }] },
        });
  });
});

const stored = (changes: { steps?: number[]; state?: string }) =>
  ({
    steps: [1, 2, 3, 4, 5, 6],
    lock: { state: 'completed', run: '', ...changes },
    ...changes,
  }) as never;

describe('the verdict of the from-go sample', () => {
  const [left] = leftByGo();
  if (!left) throw new Error('no fixtures');
  const { properties } = Entity.decode(left.entity);

  it.each([
    ['nothing, if all is well', stored({}), properties, []],
    [
      'a step that ran twice',
      stored({ steps: [1, 2, 2, 3, 4, 5, 6] }),
      properties,
      ['Import "ready" has run steps 1, 2, 2, 3, 4, 5, 6.'],
    ],
    [
      'a chain that stands still',
      stored({ state: 'held' }),
      properties,
      ['Import "ready" is held, not completed.'],
    ],
    [
      'a double that became an integer',
      stored({}),
      { ...properties, bytes: { integerValue: 1_048_576 } },
      ['Import "ready": property bytes is not as Go wrote it.'],
    ],
    ['an entity that is gone', undefined, {}, ['Import "ready" is gone.']],
  ])('tells of %s', (_, entity, now, problems) => {
    expect(problemsOf({ left, stored: entity, properties: now })).toEqual(problems);
  });
});

describe('the controller of the from-go sample, on Fastify', () => {
  it('serves the path that Go used, and keeps the parameters', async () => {
    const testing = await LockerTesting.start(Test.createTestingModule({ imports: [AppModule] }), {
      adapter: new FastifyAdapter(),
    });
    const key = testing.locker.key(Import, 'new');
    await testing.locker.schedule(key, new Import(), 'import.step', { form: { of: '3' } });
    const { url } = await testing.tasks.next(key);
    expect(url).toBe(`${testing.url}/import/step`);
    await testing.tasks.drain();
    await testing.expectChain(key).toHaveCommitted(3);
    expect((await testing.locker.get(key))?.steps).toEqual([1, 2, 3]);
    await testing.close();
  });
});
