import { expect, it } from 'vitest';
import { VirtualClock } from '../../lib/emulator/virtual-clock.js';
import type { TaskProto } from '../../lib/google/tasks-api.js';
import { SweepSchedule } from '../../lib/sweep/sweep-schedule.js';

const minute = 60_000;

function scheduleOn(clock: VirtualClock, createTask: (task: TaskProto) => Promise<TaskProto>) {
  return new SweepSchedule(
    {
      createTask: ({ task }) => createTask(task),
      getTask: () => Promise.reject(new Error('not asked for')),
    },
    {
      projectId: 'p',
      databaseId: '',
      location: 'europe-west1',
      queue: 'default',
      target: { baseUrl: 'https://orders.test' },
      dispatchDeadline: 600_000,
      every: minute,
    },
    () => '/locker/sweep',
    clock,
    { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} },
  );
}

it('arms the sweep as soon as Cloud Tasks is back, without another write', async () => {
  const clock = new VirtualClock();
  const created: TaskProto[] = [];
  let isDown = true;
  const schedule = scheduleOn(clock, (task) => {
    if (isDown) return Promise.reject(new Error('Cloud Tasks is down'));
    created.push(task);
    return Promise.resolve(task);
  });
  await schedule.arm('');
  await clock.advance(20_000);
  expect(created).toEqual([]);
  isDown = false;
  await clock.advance(5_000);
  expect(created).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

it('arms another sweep where the answer about the first took until that is too early', async () => {
  const clock = new VirtualClock();
  const created: TaskProto[] = [];
  const schedule = scheduleOn(clock, async (task) => {
    created.push(task);
    if (created.length === 1) await clock.advance(3 * minute);
    return task;
  });
  const begun = clock.now();
  await schedule.arm('');
  const times = created.map(({ scheduleTime }) => Number(scheduleTime?.seconds) * 1_000 - begun);
  expect(times).toEqual([2 * minute, 5 * minute]);
  expect(schedule.isNeeded('')).toBe(false);
});
