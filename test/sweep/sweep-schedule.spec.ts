import { expect, it } from 'vitest';
import { VirtualClock } from '../../lib/emulator/virtual-clock.js';
import type { TaskProto } from '../../lib/google/tasks-api.js';
import { SweepSchedule } from '../../lib/sweep/sweep-schedule.js';

it('arms the sweep as soon as Cloud Tasks is back, without another write', async () => {
  const clock = new VirtualClock();
  const created: TaskProto[] = [];
  let isDown = true;
  const createTask = ({ task }: { task: TaskProto }) => {
    if (isDown) return Promise.reject(new Error('Cloud Tasks is down'));
    created.push(task);
    return Promise.resolve(task);
  };
  const schedule = new SweepSchedule(
    { createTask, getTask: () => Promise.reject(new Error('not asked for')) },
    {
      projectId: 'p',
      databaseId: '',
      location: 'europe-west1',
      queue: 'default',
      target: { baseUrl: 'https://orders.test' },
      dispatchDeadline: 600_000,
      every: 60_000,
    },
    () => '/locker/sweep',
    clock,
    { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} },
  );
  await schedule.arm('');
  await clock.advance(20_000);
  expect(created).toEqual([]);
  isDown = false;
  await clock.advance(5_000);
  expect(created).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
