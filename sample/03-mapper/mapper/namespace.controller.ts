import { Controller } from '@nestjs/common';
import { Lease, LockedTask, LockerService } from 'nestjs-datastore-locker';
import { sum } from './counters.js';
import { MapJob, MapNamespace, MapShard } from './entities.js';
import { JobStatus } from './job-status.js';
import { split } from './shards.js';

/** How long a namespace may take. */
const limit = '1d';

/** A namespace from its start, which fans out to shards, to its end, which adds what they counted to the job. */
@Controller('map')
export class NamespaceController {
  constructor(
    private readonly locker: LockerService,
    private readonly status: JobStatus,
  ) {}

  @LockedTask('map.namespace', MapNamespace)
  async start({ job, namespace, shards }: MapNamespace, lease: Lease) {
    if (await this.status.isAborted(job)) return;
    const entries = split(shards).map((range, index) => {
      const shard = Object.assign(new MapShard(), { job, namespace, ...range });
      Object.assign(shard, { parentRun: lease.run, parentStep: lease.step });
      const key = this.locker.key(MapShard, `${lease.key.name}/${index}`);
      return { key, entity: shard, task: 'map.slice' };
    });
    await this.locker.scheduleAll(entries);
    await lease.next('map.namespace-done', { waitFor: entries.length, within: limit });
  }

  @LockedTask('map.namespace-done', MapNamespace)
  async finish({ job: id, jobRun, jobStep, counters }: MapNamespace, lease: Lease) {
    if (lease.timedOut) throw new Error('Some shards have not come to their end.');
    const key = this.locker.key(MapJob, id);
    await this.locker.transact(async (tx) => {
      const job = await tx.get(key);
      if (!job) throw new Error(`There is no job ${id}.`);
      job.counters = sum(job.counters, counters);
      tx.save(key, job);
      tx.arrive(key, { run: jobRun, step: jobStep });
      tx.complete();
    });
  }
}
