// The application whose processor time and garbage are measured. Argument: express or fastify.
import { GCProfiler } from 'node:v8';
import { answer } from '../conversation.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { stepHeaders } from '../deliver.js';
import { instantServices } from './instant-services.js';

const adapter = process.argv[2] === 'fastify' ? 'fastify' : 'express';
const { locker, url } = await startCounterApplication({ services: instantServices(), adapter });
const key = locker.key(Counter, 'chain');
const { run } = await locker.schedule(key, new Counter(), 'count');

/** What the requests between `begin` and `end` took. */
export interface Taken {
  readonly cpuMs: number;
  readonly garbageBytes: number;
}

let cpu = process.cpuUsage();
let heap = 0;
let profiler = new GCProfiler();

function begin(): void {
  profiler = new GCProfiler();
  profiler.start();
  heap = process.memoryUsage().heapUsed;
  cpu = process.cpuUsage();
}

/** What was allocated: what the heap grew by, and what was collected meanwhile. */
function end(): Taken {
  const { user, system } = process.cpuUsage(cpu);
  const grownBytes = process.memoryUsage().heapUsed - heap;
  const collectedBytes = profiler
    .stop()
    .statistics.map(
      ({ beforeGC, afterGC }) =>
        beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
    )
    .reduce((sum, bytes) => sum + bytes, 0);
  return { cpuMs: (user + system) / 1_000, garbageBytes: grownBytes + collectedBytes };
}

answer({ begin, end }, { url, headers: stepHeaders(key, run, 1) });
