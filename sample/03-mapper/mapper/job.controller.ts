import { Controller } from '@nestjs/common';
import { Lease, LockedTask, LockerService } from 'nestjs-datastore-locker';
import { MapJob, MapNamespace } from './entities.js';
import { Readings } from './readings.js';

/** How long a job may take. */
const limit = '1d';

/** A job from its start, which fans out to namespaces, to its end, which waits for all of them. */
@Controller('map')
export class JobController {
  constructor(
    private readonly locker: LockerService,
    private readonly readings: Readings,
  ) {}

  @LockedTask('map.job', MapJob)
  async start(job: MapJob, lease: Lease) {
    const id = lease.key.name ?? '';
    const counts = job.namespaces.map((namespace) => this.readings.count(namespace));
    job.total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    const entries = job.namespaces.map((namespace) => {
      const part = Object.assign(new MapNamespace(), {
        job: id,
        namespace,
        shards: job.shardsEach,
      });
      Object.assign(part, { jobRun: lease.run, jobStep: lease.step });
      const key = this.locker.key(MapNamespace, `${id}/${namespace}`);
      return { key, entity: part, task: 'map.namespace' };
    });
    await this.locker.scheduleAll(entries);
    await lease.next('map.job-done', { waitFor: entries.length, within: limit });
  }

  /** By now every namespace has added its counters. Returning completes the job. */
  @LockedTask('map.job-done', MapJob)
  finish(_: MapJob, lease: Lease) {
    if (lease.timedOut) throw new Error('Some namespaces have not come to their end.');
  }
}
